package magento

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// article is something on sale; price is in base currency, without tax.
type article struct {
	sku, name, kind string
	price           decimal.Decimal
	rate            decimal.Decimal
	child           string
	isFractional    bool
}

var (
	standard = decimal.New(20, -2)
	reduced  = decimal.New(5, -2)
	zero     = decimal.Zero
)

// shippable, virtual, configurable and byLength are the shelves baskets are filled from; unshelved is in
// the catalogue and in no basket.
var (
	shippable = [...]article{
		{sku: "MUG-STONE", name: "Stoneware Mug", kind: "simple", price: decimal.New(750, -2), rate: standard},
		{sku: "TEAPOT-12", name: "Teapot 1.2 l &ndash; Matt Black", kind: "simple", price: decimal.New(2913, -2), rate: standard},
		{sku: "LAMP-ARC", name: "Arc Floor Lamp", kind: "simple", price: decimal.New(14950, -2), rate: standard},
		{sku: "DESK-OAK", name: "Solid Oak Desk", kind: "simple", price: decimal.New(32999, -2), rate: standard},
		{sku: "CHAIR-CAF", name: "Caf&eacute; Chair", kind: "simple", price: decimal.New(6417, -2), rate: standard},
		{sku: "NUTBOLT-M8", name: "Nut &amp; Bolt Set M8", kind: "simple", price: decimal.New(329, -2), rate: standard},
		{sku: "GRINDER-PRO", name: "Grinder&trade; Pro", kind: "simple", price: decimal.New(8333, -2), rate: standard},
		{sku: "TORCH-CB", name: "Crème Brûlée Torch", kind: "simple", price: decimal.New(2125, -2), rate: standard},
		{sku: "FRAME-A4", name: `Picture Frame 8" × 12"`, kind: "simple", price: decimal.New(1079, -2), rate: standard},
		{sku: "SEAT-BABY", name: "Child Car Seat", kind: "simple", price: decimal.New(11895, -2), rate: reduced},
		{sku: "SEAT-BOOST", name: "Booster Cushion", kind: "simple", price: decimal.New(1747, -2), rate: reduced},
		{sku: "INSUL-ROLL", name: "Loft Insulation Roll", kind: "simple", price: decimal.New(2466, -2), rate: reduced},
		{sku: "BOOK-BREAD", name: "The Bread Book", kind: "simple", price: decimal.New(1499, -2), rate: zero},
		{sku: "BOOK-MAPS", name: "Maps of the North", kind: "simple", price: decimal.New(2250, -2), rate: zero},
		{sku: "TEE-KIDS", name: "Children's T-Shirt", kind: "simple", price: decimal.New(895, -2), rate: zero},
		{sku: "COFFEE-1K", name: "House Coffee Beans 1 kg", kind: "simple", price: decimal.New(1833, -2), rate: zero},
		{sku: "WASHER-10", name: "Rubber Washer, Pack of 10", kind: "simple", price: decimal.New(263, -2), rate: standard},
		{sku: "CABLE-USB", name: "USB-C Cable 2 m", kind: "simple", price: decimal.New(658, -2), rate: standard},
	}
	virtual = [...]article{
		{sku: "WARRANTY-3Y", name: "3 Year Warranty", kind: "virtual", price: decimal.New(3917, -2), rate: standard},
		{sku: "COURSE-BARISTA", name: "Barista Course, Online", kind: "virtual", price: decimal.New(7900, -2), rate: standard},
		{sku: "EBOOK-SOUR", name: "Sourdough &mdash; e-book", kind: "downloadable", price: decimal.New(699, -2), rate: zero},
		{sku: "PATTERN-KNIT", name: "Knitting Pattern (PDF)", kind: "downloadable", price: decimal.New(325, -2), rate: standard},
	}
	configurable = [...]article{
		{sku: "SHIRT-LIN", name: "Linen Shirt", kind: "configurable", price: decimal.New(4163, -2), rate: standard, child: "SHIRT-LIN-M-BLU"},
		{sku: "BOOT-WALK", name: "Walking Boot", kind: "configurable", price: decimal.New(9579, -2), rate: standard, child: "BOOT-WALK-43-BRN"},
		{sku: "ROMPER", name: "Baby Romper", kind: "configurable", price: decimal.New(1350, -2), rate: zero, child: "ROMPER-06M-GRN"},
	}
	byLength = [...]article{
		{sku: "FABRIC-CANVAS", name: "Canvas Fabric (per metre)", kind: "simple", price: decimal.New(1125, -2), rate: standard, isFractional: true},
		{sku: "ROPE-12", name: "Rope 12 mm (per metre)", kind: "simple", price: decimal.New(287, -2), rate: standard, isFractional: true},
		{sku: "CHEDDAR", name: "Farmhouse Cheddar (per kg)", kind: "simple", price: decimal.New(1695, -2), rate: zero, isFractional: true},
	}
	unshelved = [...]article{
		{sku: "HAMPER-CHRISTMAS-2026-LUXURY-WICKER", name: "Luxury Wicker Hamper", kind: "simple", price: decimal.New(9500, -2), rate: standard},
		{sku: "HAMPER-CHRISTMAS-2026-LUXURY-WOODEN", name: "Luxury Wooden Hamper", kind: "simple", price: decimal.New(11500, -2), rate: standard},
	}
)

// stockCatalogue makes a product of every article and of every variant.
func (s *Server) stockCatalogue() {
	stocked := s.opts.Now().Add(-400 * 24 * time.Hour)
	id := 0
	stock := func(sku, name, kind string, a article) {
		id++
		document := Product{
			MagentoID:   id,
			SKU:         sku,
			Name:        name,
			ProductType: kind,
			Price:       numberPointer(a.price),
			Cost:        numberPointer(a.price.Mul(decimal.New(45, -2)).Round(2)),
			ManageStock: kind == "simple",
			TaxClass:    taxClassID(a.rate),
			WebsiteIDs:  []int{1, 2, 3, 4},
			CreatedAt:   stamp(stocked),
			UpdatedAt:   stamp(stocked),
		}
		if kind == "simple" {
			document.Weight = numberPointer(decimal.New(int64(120+id*35), -3))
			document.StockQty = numberPointer(decimal.New(int64(20+id*7), 0))
		}
		if err := s.documents.put(KindProduct, id, document); err != nil {
			s.opts.Logger.Error("product not stocked", "sku", sku, "error", err)
		}
	}
	for _, shelf := range [...][]article{shippable[:], virtual[:], configurable[:], byLength[:], unshelved[:]} {
		for _, a := range shelf {
			stock(a.sku, a.name, a.kind, a)
			if a.child != "" {
				stock(a.child, a.childName(), "simple", a)
			}
		}
	}
}

func (a article) childName() string { return a.name + a.child[len(a.sku):] }

// taxClassID is the id Magento's shop gave the class of a rate.
func taxClassID(rate decimal.Decimal) string {
	switch {
	case rate.Equal(standard):
		return strconv.Itoa(2)
	case rate.Equal(reduced):
		return strconv.Itoa(4)
	default:
		return strconv.Itoa(5)
	}
}
