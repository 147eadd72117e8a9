package simulator

// topic separates random numbers for different purposes.
type topic uint64

const (
	drawPair topic = iota
	drawWheel
	drawRename
	drawPlace
	drawUnit
	drawTitle
	drawLevel
	drawSpelling
	drawManager
	drawLeave
	drawDay
	drawPick
	drawClub
	drawRehire
	drawEmpty
	drawNoise
	drawStyle
	drawID
	drawRemove
	drawOrder
	drawSecret
)

// draw returns a pseudo-random number that depends only on its arguments and the company's seed.
func (c *Company) draw(t topic, a, b int) uint64 {
	x := mix(c.seed ^ uint64(t)*0x9e3779b97f4a7c15)
	x = mix(x ^ uint64(a))
	return mix(x ^ uint64(b)<<1)
}

// pick draws a number from 0 to n-1.
func (c *Company) pick(t topic, a, b, n int) int { return int(c.draw(t, a, b) % uint64(n)) }

// mix is the finaliser of splitmix64 on the next number of its sequence.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
