// Package people generates and serves the reports of the bench. A report has any number of people in rows of about 444
// bytes, and its bytes are always the same. Generating a million rows takes less than a second.
//
// The server sends reports from files, so the kernel does the work and the server doesn't affect the measurement.
package people

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// Report describes a report. It has people 0 to People-1 in order, unless the other fields change that.
type Report struct {
	People   int
	Shuffled bool // the same rows in another order
	Churned  bool // 0.4 % more have joined, 0.4 % have another title, 0.2 % have left
	Retitled int  // number of title changes of everybody
	Grouped  bool // everybody is in two of Groups(People) groups
	Extended bool // with start and end dates, words of two kinds for the status, and CustomColumns columns of the customer's
}

// In a Churned report, one in so many people has left, has another title, or has joined. Leavers are not managers, who
// are the first eighth.
const (
	leavesOneIn   = 437 // of seven eighths: 0.2 % of all
	retitledOneIn = 250
	joinsOneIn    = 250
	span          = 8
)

// Change counts the differences between a Churned report and the plain one.
type Change struct{ Joined, Updated, Left int }

// Changes returns the number of changes in a Churned report.
func (r Report) Changes() (c Change) {
	if !r.Churned {
		return c
	}
	c.Joined = r.People / joinsOneIn
	for number := range r.People {
		switch {
		case r.left(number):
			c.Left++
		case r.retitled(number):
			c.Updated++
		}
	}
	return c
}

// Present returns the number of people in the report.
func (r Report) Present() int {
	c := r.Changes()
	return r.People + c.Joined - c.Left
}

func (r Report) left(number int) bool {
	return r.Churned && number >= r.People/span && number < r.People && number%leavesOneIn == leavesOneIn-1
}

func (r Report) retitled(number int) bool { return r.Churned && number%retitledOneIn == 7 }

// Write writes the report as Workday's JSON.
func (r Report) Write(to io.Writer) error {
	w := bufio.NewWriterSize(to, 1<<20)
	if _, err := w.WriteString(`{"Report_Entry":[`); err != nil {
		return err
	}
	total := r.People
	if r.Churned {
		total += r.People / joinsOneIn
	}
	step := 1
	if r.Shuffled {
		step = coprime(total)
	}
	row := make([]byte, 0, 1024)
	for i, number := 0, 0; i < total; i, number = i+1, (number+step)%total {
		if r.left(number) {
			continue
		}
		row = row[:0]
		if i > 0 {
			row = append(row, ',')
		}
		if _, err := w.Write(r.row(row, number)); err != nil {
			return err
		}
	}
	if _, err := w.WriteString("]}\n"); err != nil {
		return err
	}
	return w.Flush()
}

// coprime returns a step that visits each of n numbers once, far from the previous one.
func coprime(n int) int {
	for step := n/3 + 1; ; step++ {
		a, b := n, step
		for b != 0 {
			a, b = b, a%b
		}
		if a == 1 {
			return step
		}
	}
}

// row appends one person.
func (r Report) row(b []byte, number int) []byte {
	titled := r.Retitled
	if r.retitled(number) {
		titled++
	}
	draw := mix(uint64(number))
	at := places[draw%uint64(len(places))]
	b = append(b, `{"Employee_ID":"E`...)
	b = padded(b, number, 8)
	b = append(append(b, `","First_Name":"`...), first[draw>>8%uint64(len(first))]...)
	b = append(append(b, `","Last_Name":"`...), last[draw>>16%uint64(len(last))]...)
	b = append(email(append(b, `","Email_-_Work":"`...), number), `","CF_Management_Level":"`...)
	b = append(append(b, levels[draw>>24%uint64(len(levels))]...), `","businessTitle":"`...)
	b = append(append(b, titles[(draw>>32+uint64(titled))%uint64(len(titles))]...), `","Business_Unit":"`...)
	b = append(append(b, units[draw>>40%uint64(len(units))]...), `","Job_Function":"`...)
	b = append(append(b, functions[draw>>44%uint64(len(functions))]...), `","People_Manager":"`...)
	managers := max(r.People/span, 1)
	if number < managers {
		b = append(b, "Yes"...)
	} else {
		b = append(b, "No"...)
	}
	if number > 0 {
		b = email(append(b, `","Manager_Email":"`...), (number-1)/span%managers)
	}
	b = append(append(b, `","City":"`...), at.city...)
	b = append(append(b, `","Country":"`...), at.country...)
	b = append(append(b, `","Office":"`...), at.office...)
	b = append(append(b, `","Locale":"`...), at.locale...)
	status := "Active"
	if r.Extended && draw>>59%4 == 0 {
		status = OwnStatus
	}
	b = append(append(b, `","Status":"`...), status...)
	b = append(b, `","Cost_Center":"`...)
	b = append(padded(b, int(draw>>50%9000), 4), '"')
	if r.Extended {
		b = extended(b, draw)
	}
	if r.Grouped {
		b = r.memberships(b, number)
	}
	return append(b, '}')
}

// OwnStatus is the other status in an Extended report. Contenders without a map of words take it as it is.
const OwnStatus = "Inactive"

// CustomColumns is the number of the customer's own columns in an Extended report: Custom_0 and so on.
const CustomColumns = 10

// extended appends what an Extended report has more. Everybody has started, and one in eight has an end date, far in the
// future.
func extended(b []byte, draw uint64) []byte {
	b = append(b, `,"Hire_Date":"20`...)
	b = append(padded(b, 10+int(draw>>12%15), 2), '-')
	b = append(padded(b, 1+int(draw>>20%12), 2), '-')
	b = append(padded(b, 1+int(draw>>28%28), 2), `-08:00","Last_Day_of_Work":"`...)
	if draw>>36%8 == 0 {
		b = append(b, "2099-12-31-08:00"...)
	}
	b = append(b, '"')
	for column := range CustomColumns {
		own := mix(draw + uint64(column))
		b = append(strconv.AppendInt(append(b, `,"Custom_`...), int64(column), 10), `":"`...)
		if own%16 > 0 { // else the cell is empty
			b = append(append(b, units[own>>8%uint64(len(units))]...), ' ')
			b = padded(b, int(own>>16%500), 3)
		}
		b = append(b, '"')
	}
	return b
}

// email appends a person's email. It contains the number, because names repeat.
func email(b []byte, number int) []byte {
	draw := mix(uint64(number))
	b = append(b, first[draw>>8%uint64(len(first))]...)
	b = append(b, '.')
	b = append(b, last[draw>>16%uint64(len(last))]...)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(number), 10)
	return append(b, "@acme.example"...)
}

func padded(b []byte, number, width int) []byte {
	for limit := 10; width > 1; width, limit = width-1, limit*10 {
		if number < limit {
			for range width - 1 {
				b = append(b, '0')
			}
			break
		}
	}
	return strconv.AppendInt(b, int64(number), 10)
}

// mix hashes a number.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Groups returns the number of groups for a number of people: 20 per 1,000, at least 20.
func Groups(people int) int { return max(people/1000, 1) * 20 }

// memberships appends the groups column: one group of adjacent people and one of scattered people.
func (r Report) memberships(b []byte, number int) []byte {
	groups := Groups(r.People)
	near := number * (groups / 2) / max(r.People, 1) % (groups / 2)
	far := groups/2 + int(mix(uint64(number)^1)%uint64(groups/2))
	b = append(b, `,"Groups":"Team `...)
	b = padded(b, near, 5)
	b = append(b, `;Team `...)
	b = padded(b, far, 5)
	return append(b, '"')
}

// WriteGroups writes the group report. It is empty unless the report is Grouped.
func (r Report) WriteGroups(to io.Writer) error {
	w := bufio.NewWriter(to)
	fmt.Fprint(w, `{"Report_Entry":[`)
	groups := 0
	if r.Grouped {
		groups = Groups(r.People)
	}
	for group := range groups {
		if group > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, `{"group_name":"Team %05d"}`, group)
	}
	fmt.Fprint(w, "]}\n")
	return w.Flush()
}
