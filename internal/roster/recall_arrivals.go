package roster

import "sync"

// numberedColumns numbers the columns that rows fill: of a million rows most fill the same ones.
type numberedColumns struct {
	all     []uint64
	numbers map[uint64]uint32
	last    uint32
}

func (c *numberedColumns) number(columns uint64) uint32 {
	if len(c.all) > 0 && c.all[c.last] == columns {
		return c.last
	}
	number, ok := c.numbers[columns]
	if !ok {
		number = uint32(len(c.all)) //nolint:gosec // Recall.more bounds it
		c.all, c.numbers[columns] = append(c.all, columns), number
	}
	c.last = number
	return number
}

// arrivals are members on their way from one goroutine to the other, in blocks of a slab's. They never hold up who reads
// them from a database.
type arrivals struct {
	mu      sync.Mutex
	changed sync.Cond
	blocks  [][]recollection
	columns []uint64 // of all that came; only ever appended to
	ended   bool
	failed  error
}

func (a *arrivals) add(block []recollection, columns []uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.blocks, a.columns = append(a.blocks, block), columns
	a.changed.Signal()
}

func (a *arrivals) end(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended, a.failed = true, err
	a.changed.Signal()
}

// take takes the members that have come, and waits for some if told to. all says that no more will come.
func (a *arrivals) take(wait bool) (blocks [][]recollection, columns []uint64, all bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for wait && len(a.blocks) == 0 && !a.ended {
		a.changed.Wait()
	}
	if a.failed != nil {
		return nil, nil, false, a.failed
	}
	blocks, a.blocks = a.blocks, nil
	return blocks, a.columns, a.ended, nil
}
