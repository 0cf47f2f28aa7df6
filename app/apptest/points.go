package apptest

import (
	"context"
	"time"

	"byte8.io/ledger/ports"
)

// Purse holds points that everybody takes from, and none come back. Fill it
// before the first call.
type Purse struct {
	Left int
	// Takes counts the times somebody asked.
	Takes int
}

var _ ports.Points = (*Purse)(nil)

// Burst is how many points a purse is said to hold.
func (*Purse) Burst() int { return 100 }

// Rate is how many are said to come back a second.
func (*Purse) Rate() int { return 10 }

// Take takes points, or says to wait a second and a half.
func (p *Purse) Take(_ context.Context, _ ports.PointsKey, points int) ports.PointsTaken {
	p.Takes++
	if points > p.Left {
		return ports.PointsTaken{Wait: 1500 * time.Millisecond, Available: p.Left}
	}
	p.Left -= points
	return ports.PointsTaken{Available: p.Left}
}
