// Takes a picture of a page, or of a part of it:
//
//   node shoot.js CHROMIUM OUT URL TEXT WIDTH HEIGHT [LEFT TOP]
//
// It waits for TEXT, because the page of an open workflow never becomes idle. It makes frames as tall as their content,
// and crops elements that float at the bottom of the window. THEME=dark selects dark colours.
'use strict';
const { chromium } = require('playwright-core');

async function shoot(executablePath, out, url, text, width, height, left = 0, top = 0) {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  try {
    const viewport = { width: left + width, height: top + height + 300 };
    const page = await browser.newPage({ viewport, colorScheme: process.env.THEME || 'light', reducedMotion: 'reduce' });
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    await page.getByText(text).first().waitFor({ timeout: 30_000 });
    await page.waitForTimeout(1500); // wait for animations
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
