// Takes a picture of a page, or of a part of it:
//
//   node shoot.js CHROMIUM OUT URL TEXT WIDTH HEIGHT [LEFT TOP]
//
// It waits until TEXT is there, since the page of an open workflow never comes to rest. Frames are as tall as what is in
// them, and what floats at the bottom of the window is out of the picture. THEME=dark asks for dark colours.
'use strict';
const { chromium } = require('playwright-core');

async function shoot(executablePath, out, url, text, width, height, left = 0, top = 0) {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  try {
    const viewport = { width: left + width, height: top + height + 300 };
    const page = await browser.newPage({ viewport, colorScheme: process.env.THEME || 'light', reducedMotion: 'reduce' });
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    await page.getByText(text).first().waitFor({ timeout: 30_000 });
    await page.waitForTimeout(1500); // until what opens has opened
    for (const frame of page.frames().slice(1)) {
      const tall = await frame.evaluate(() => document.documentElement.scrollHeight);
      await (await frame.frameElement()).evaluate((element, tall) => { element.style.height = `${tall + 8}px`; }, tall);
    }
    await page.screenshot({ path: out, clip: { x: left, y: top, width, height } });
  } finally {
    await browser.close();
  }
}

const [chromiumPath, out, url, text, ...numbers] = process.argv.slice(2);
shoot(chromiumPath, out, url, text, ...numbers.map(Number)).catch((error) => {
  console.error(`${url}: ${error.message}`);
  process.exit(1);
});
