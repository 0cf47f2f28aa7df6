package money

import "sort"

// LargestRemainder shares total over weights in whole units of 10^-places, so
// that the shares sum to total exactly. Each share is the weight's exact part
// rounded down, and the units left over go to the largest remainders, the
// earlier one first when they tie. All-zero weights count as equal. Digits of
// total beyond places stay on the share with the largest remainder. The result
// has one share a weight.
func LargestRemainder(total Amount, weights []Amount, places int32) []Amount {
	n := len(weights)
	if n == 0 {
		return nil
	}
	whole := Sum(weights...)
	if whole.IsZero() {
		ones := make([]Amount, n)
		for i := range ones {
			ones[i] = Int(1)
		}
		return LargestRemainder(total, ones, places)
	}
	shares := make([]Amount, n)
	rest := make([]Amount, n)
	given := Zero
	for i, w := range weights {
		exact := total.Mul(w).Quo(whole, places+16)
		shares[i] = exact.RoundDown(places)
		rest[i] = exact.Sub(shares[i]).Abs()
		given = given.Add(shares[i])
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return rest[order[a]].Cmp(rest[order[b]]) > 0 })
	left := total.Sub(given)
	unit := Minor(int64(left.Sign()), places)
	for i := 0; left.Abs().Cmp(unit.Abs()) >= 0 && !left.IsZero(); i = (i + 1) % n {
		shares[order[i]] = shares[order[i]].Add(unit)
		left = left.Sub(unit)
	}
	shares[order[0]] = shares[order[0]].Add(left)
	return shares
}
