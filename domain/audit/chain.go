package audit

import "fmt"

// Head is the end of a tenant's chain: the number and hash of its last entry.
type Head struct {
	Number int64
	Hash   string
}

// Break is where a chain does not hold.
type Break struct {
	// Number is that of the entry that is missing, changed or out of place.
	Number int64
	Reason string
}

// Chain checks entries one after the other, oldest first. The zero value is at
// the start.
type Chain struct {
	last Head
}

// Next checks the entry that follows; nil means it holds. After a break the
// chain is not to be asked on.
func (c *Chain) Next(e Entry) *Break {
	want := c.last.Number + 1
	switch {
	case e.Number != want:
		return &Break{Number: want, Reason: fmt.Sprintf("entry %d is missing; entry %d follows", want, e.Number)}
	case e.PreviousHash != c.last.Hash:
		return &Break{Number: want, Reason: "it does not follow the entry before"}
	case e.Hash != e.digest():
		return &Break{Number: want, Reason: "its content was changed"}
	}
	c.last = Head{Number: e.Number, Hash: e.Hash}
	return nil
}

// End checks that the last entry is the one the store remembers; nil means the
// chain is whole.
func (c *Chain) End(head Head) *Break {
	if c.last == head {
		return nil
	}
	if c.last.Number < head.Number {
		return &Break{Number: c.last.Number + 1, Reason: fmt.Sprintf("entries %d to %d are missing at the end", c.last.Number+1, head.Number)}
	}
	return &Break{Number: c.last.Number, Reason: "the remembered end of the chain is another one"}
}

// Last is the last entry that held.
func (c *Chain) Last() Head { return c.last }
