package apptest

import (
	"context"
	"slices"
	"strconv"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/ports"
)

type tenants struct {
	ports.Tenants
	world *World
}

func (s tenants) FindTenant(_ context.Context, id access.TenantID) (access.Tenant, error) {
	for _, t := range s.world.Tenants {
		if t.ID == id {
			return t, nil
		}
	}
	return access.Tenant{}, notFound("tenant")
}

func (s tenants) ListAPIKeys(_ context.Context, tenant access.TenantID) ([]access.APIKey, error) {
	return where(s.world.Keys, func(k access.APIKey) bool { return k.TenantID == tenant }), nil
}

func (s tenants) CreateAPIKey(_ context.Context, key access.APIKey, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	s.world.Keys = append([]access.APIKey{key}, s.world.Keys...)
	return nil
}

func (s tenants) RenewAPIKey(_ context.Context, key access.APIKey, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	for i, k := range s.world.Keys {
		if k.TenantID == key.TenantID && k.ID == key.ID && k.LastUsedAt == nil && k.RevokedAt == nil && k.ReplacedBy == "" {
			s.world.Keys[i].Prefix, s.world.Keys[i].Digest = key.Prefix, key.Digest
			return nil
		}
	}
	return fault.New(fault.CodeConflict, "The key was used, revoked or rotated already; make another one.")
}

func (s tenants) RevokeAPIKey(_ context.Context, tenant access.TenantID, id string, at time.Time, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	for i, k := range s.world.Keys {
		if k.TenantID == tenant && k.ID == id {
			s.world.Keys[i].RevokedAt = &at
			return nil
		}
	}
	return notFound("API key")
}

func (s tenants) CreateTenant(_ context.Context, tenant access.Tenant, owner access.Member, first *access.APIKey, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	for _, m := range s.world.Members {
		if m.Email == owner.Email {
			return fault.New(fault.CodeConflict, "This e-mail address is in use.")
		}
	}
	s.world.Tenants, s.world.Members = append(s.world.Tenants, tenant), append(s.world.Members, owner)
	if first != nil {
		s.world.Keys = append([]access.APIKey{*first}, s.world.Keys...)
	}
	return nil
}

func (s tenants) RotateAPIKey(ctx context.Context, old, successor access.APIKey, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	for i, k := range s.world.Keys {
		if k.TenantID == old.TenantID && k.ID == old.ID {
			s.world.Keys[i] = old
			return s.CreateAPIKey(ctx, successor)
		}
	}
	return fault.New(fault.CodeConflict, "The key was revoked or rotated in the meantime.")
}

func (s tenants) FindAPIKey(_ context.Context, digest string) (access.APIKey, error) {
	s.world.called("Tenants.FindAPIKey")
	for _, k := range s.world.Keys {
		if k.Digest == digest {
			return k, nil
		}
	}
	return access.APIKey{}, notFound("API key")
}

func (s tenants) TouchAPIKey(_ context.Context, id string, used time.Time) error {
	s.world.called("Tenants.TouchAPIKey")
	for i, k := range s.world.Keys {
		if k.ID == id {
			s.world.Keys[i].LastUsedAt = &used
		}
	}
	return nil
}

type stores struct {
	ports.Stores
	world *World
}

func (s stores) FindStore(_ context.Context, tenant access.TenantID, id string) (binding.Store, error) {
	s.world.called("Stores.FindStore")
	for _, store := range s.world.Stores {
		if store.TenantID == tenant && store.ID == id {
			return store, nil
		}
	}
	return binding.Store{}, notFound("store")
}

func (s stores) ListStores(_ context.Context, tenant access.TenantID) ([]binding.Store, error) {
	return where(s.world.Stores, func(store binding.Store) bool { return store.TenantID == tenant }), nil
}

func (s stores) PutStore(_ context.Context, store binding.Store) (binding.Store, error) {
	s.world.Stores = append(s.world.Stores, store)
	return store, nil
}

func (s stores) AddStoreKey(context.Context, binding.StoreKey) error { return nil }

func (s stores) ActivateStoreKey(_ context.Context, _ access.TenantID, _ string, _ time.Time, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	return nil
}

func (s stores) RetireStoreKey(context.Context, access.TenantID, string) error { return nil }

func (s stores) RetireStoreKeys(ctx context.Context, tenant access.TenantID, storeID string, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	s.world.called("Stores.RetireStoreKeys")
	s.world.StoreKeys = where(s.world.StoreKeys, func(k binding.StoreKey) bool { return k.TenantID != tenant || k.StoreID != storeID })
	return s.SetStoreStatus(ctx, tenant, storeID, binding.StorePending, s.world.Now)
}

func (s stores) SetStoreStatus(_ context.Context, tenant access.TenantID, id string, status binding.StoreStatus, _ time.Time) error {
	for i, store := range s.world.Stores {
		if store.TenantID == tenant && store.ID == id {
			s.world.Stores[i].Status = status
			return nil
		}
	}
	return notFound("store")
}

func (s stores) FindSigningKey(_ context.Context, tenant access.TenantID, storeID string) (binding.StoreKey, error) {
	for _, k := range s.world.StoreKeys {
		if k.TenantID == tenant && k.StoreID == storeID {
			return k, nil
		}
	}
	return binding.StoreKey{}, notFound("key")
}

type bindings struct {
	ports.Bindings
	world *World
}

func (s bindings) FindBinding(_ context.Context, tenant access.TenantID, id string) (binding.Binding, error) {
	s.world.called("Bindings.FindBinding")
	if s.world.BrokenErr != nil {
		return binding.Binding{}, s.world.BrokenErr
	}
	for _, b := range s.world.Bindings {
		if b.TenantID == tenant && b.ID == id {
			return b, nil
		}
	}
	return binding.Binding{}, notFound("binding")
}

func (s bindings) ListBindings(_ context.Context, tenant access.TenantID, f ports.BindingFilter, page ports.Page) (ports.Paged[binding.Binding], error) {
	rows := where(s.world.Bindings, func(b binding.Binding) bool {
		return b.TenantID == tenant && fits(f.StoreID, b.StoreID) && fits(f.Provider, b.Provider) && fits(f.ID, b.ID)
	})
	return cut(rows, func(b binding.Binding) string { return b.ID }, page), nil
}

func (s bindings) PutBinding(_ context.Context, b binding.Binding) (binding.Binding, error) {
	s.world.Bindings = append(s.world.Bindings, b)
	return b, nil
}

func (s bindings) SaveBinding(_ context.Context, b binding.Binding, _ time.Time, entries ...audit.Entry) (binding.Binding, error) {
	s.world.called("Bindings.SaveBinding")
	for i, stored := range s.world.Bindings {
		if stored.TenantID == b.TenantID && stored.ID == b.ID {
			b.Version++
			s.world.Bindings[i] = b
			auditLog{s.world}.append(entries)
			return b, nil
		}
	}
	return binding.Binding{}, notFound("binding")
}

func (s bindings) BindingHealth(_ context.Context, tenant access.TenantID, id string, since time.Time) (ports.Health, error) {
	var h ports.Health
	for _, r := range s.world.Runs {
		if r.TenantID != tenant || r.BindingID != id {
			continue
		}
		switch {
		case r.Status.IsOpen():
			h.Pending++
			if h.OldestPendingAt == nil || r.CreatedAt.Before(*h.OldestPendingAt) {
				h.OldestPendingAt = &r.CreatedAt
			}
		case !r.Status.IsTerminal():
			h.Held++
		case r.Status == "failed" && r.FinishedAt != nil && !r.FinishedAt.Before(since):
			h.Failed++
		}
		if r.FinishedAt != nil && (h.LastRunAt == nil || r.FinishedAt.After(*h.LastRunAt)) {
			h.LastRunAt = r.FinishedAt
		}
	}
	return h, nil
}

func (s bindings) FindSettings(_ context.Context, tenant access.TenantID, bindingID string, number int) (settings.Version, error) {
	s.world.called("Bindings.FindSettings")
	for _, v := range s.world.Settings {
		if v.TenantID == tenant && v.BindingID == bindingID && v.Number == number {
			return v, nil
		}
	}
	return settings.Version{}, notFound("version")
}

func (s bindings) ListSettings(_ context.Context, tenant access.TenantID, bindingID string, page ports.Page) (ports.Paged[settings.Version], error) {
	rows := where(s.world.Settings, func(v settings.Version) bool { return v.TenantID == tenant && v.BindingID == bindingID })
	slices.SortFunc(rows, func(x, y settings.Version) int { return y.Number - x.Number })
	return cut(rows, func(v settings.Version) string { return strconv.Itoa(v.Number) }, page), nil
}

func (s bindings) AddSettings(_ context.Context, v settings.Version, entries ...audit.Entry) error {
	s.world.called("Bindings.AddSettings")
	for i, b := range s.world.Bindings {
		if b.TenantID != v.TenantID || b.ID != v.BindingID {
			continue
		}
		if b.SettingsVersion != v.Number-1 {
			return fault.New(fault.CodeConflict, "The settings moved on.")
		}
		s.world.Bindings[i].SettingsVersion = v.Number
		s.world.Settings = append(s.world.Settings, v)
		auditLog{s.world}.append(entries)
		return nil
	}
	return notFound("binding")
}

func (s bindings) PutReference(_ context.Context, _ access.TenantID, bindingID string, ref books.Reference) error {
	s.world.References[bindingID] = ref
	return nil
}

func (s bindings) FindReference(_ context.Context, tenant access.TenantID, bindingID string) (books.Reference, error) {
	for _, b := range s.world.Bindings {
		if ref, ok := s.world.References[bindingID]; ok && b.ID == bindingID && b.TenantID == tenant {
			return ref, nil
		}
	}
	return books.Reference{}, notFound("reference data")
}

type shop struct {
	ports.Shop
	world *World
}

func (s shop) Pair(context.Context, ports.PairRequest) error { return s.world.PairErr }

func (s shop) PaymentMethods(context.Context, ports.ShopAccess) ([]commerce.PaymentMethod, error) {
	return s.world.Methods, nil
}

func where[T any](rows []T, keep func(T) bool) []T {
	var out []T
	for _, row := range rows {
		if keep(row) {
			out = append(out, row)
		}
	}
	return out
}

// fits reports whether a filter's value lets the row's through; zero lets all.
func fits[T comparable](wanted, have T) bool {
	var zero T
	return wanted == zero || wanted == have
}
