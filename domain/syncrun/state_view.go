package syncrun

import "time"

// StateView is a chip for whoever writes it on at once. Its texts are borrowed:
// they change when the next chip is read. An empty one stands for "not known".
type StateView struct {
	MagentoID         int64
	StoreID           []byte
	Provider          []byte
	Status            []byte
	ProviderEntityID  []byte
	ProviderReference []byte
	ProviderURL       []byte
	SkipReason        []byte
	ErrorCode         []byte
	LastSyncAt        time.Time
}
