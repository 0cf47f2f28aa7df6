package magento

// chance is true in the given percentage of draws.
func (g *Generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

// between draws a whole number from low to high, both included.
func (g *Generator) between(low, high int) int { return low + g.rng.IntN(high-low+1) }

func pick[T any](g *Generator, from []T) T { return from[g.rng.IntN(len(from))] }

// sample draws n different elements.
func sample[T any](g *Generator, from []T, n int) []T {
	chosen := make([]T, 0, n)
	for _, index := range g.rng.Perm(len(from))[:n] {
		chosen = append(chosen, from[index])
	}
	return chosen
}

// storefront draws the store of an order by weight.
func (g *Generator) storefront() storefront {
	ticket := g.rng.IntN(100)
	for _, store := range storefronts {
		if ticket -= store.weight; ticket < 0 {
			return store
		}
	}
	return storefronts[0]
}

// paymentMethod draws a way to pay by the weights of the clientele.
func (g *Generator) paymentMethod(isBusiness bool) paymentMethod {
	ticket := g.rng.IntN(100)
	for _, method := range paymentMethods {
		weight := method.weight
		if isBusiness {
			weight = method.tradeWeight
		}
		if ticket -= weight; ticket < 0 {
			return method
		}
	}
	return paymentMethods[0]
}

// number is the next human number of a document at a store.
func (g *Generator) number(document string, storeID int) string {
	key := series{document, storeID}
	g.numbers[key]++
	for _, store := range storefronts {
		if store.storeID == storeID {
			return store.increment(g.numbers[key])
		}
	}
	return storefront{storeID: storeID}.increment(g.numbers[key])
}
