// Package magento is both sides of the wire to a shop with the Byte8 modules.
//
// A [Client] calls the shop: it pairs, reads documents back and writes chips.
// [Tokens] verifies what the shop signs, and [Routes] are the addresses the
// shop's modules call here.
//
// The key a store and we share is never used itself. Each direction signs with
// its own subkey, so that a token of one direction is worth nothing in the
// other. Names of directions are the shop's: outbound is from the shop to us.
package magento
