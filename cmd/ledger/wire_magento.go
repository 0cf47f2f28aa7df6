package main

import (
	"context"

	"byte8.io/ledger/adapters/magento"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
)

// magentoRoutes hands the routes that shops call their use cases.
func (l *ledger) magentoRoutes() magento.Routes {
	return magento.Routes{
		AcceptEvent: func(ctx context.Context, d magento.Delivery) (magento.Receipt, error) {
			ids, err := l.app.AcceptEvent(ctx, app.Delivery{
				TenantID: access.TenantID(d.TenantID), Bearer: d.Bearer, Event: commerce.EventName(d.Event),
				Provider: d.Provider, IdempotencyKey: d.IdempotencyKey, Body: d.Body,
			})
			return magento.Receipt{RunIDs: ids}, err
		},
		ReadStatus: func(ctx context.Context, bearer, entityType, entityID string) (magento.Status, error) {
			states, err := l.app.ReadEntityStatus(ctx, bearer, entityType, entityID)
			if err != nil {
				return magento.Status{}, err
			}
			return statusOf(states), nil
		},
		ReadHealth: func(ctx context.Context, bearer string) (magento.Health, error) {
			h, err := l.app.ReadStoreHealth(ctx, bearer)
			if err != nil {
				return magento.Health{}, err
			}
			return magento.Health{
				ConnectionStatus: string(h.StoreStatus), BindingStatus: string(h.BindingStatus),
				LastRunAt: h.LastRunAt, Pending: h.Pending, Failed24h: h.FailedToday,
			}, nil
		},
		Disconnect: l.app.DisconnectStore,
		Now:        l.clock.Now,
		Log:        l.log,
	}
}

// chipGravity orders chips, worst first: of several providers the worst shows.
var chipGravity = map[syncrun.Chip]int{syncrun.ChipFailed: 0, syncrun.ChipPending: 1, syncrun.ChipSkipped: 2, syncrun.ChipSynced: 3}

func statusOf(states []syncrun.SyncState) magento.Status {
	worst := states[0]
	for _, s := range states {
		if chipGravity[s.Status] < chipGravity[worst.Status] {
			worst = s
		}
	}
	return magento.Status{
		EntityType: string(worst.EntityType), MagentoID: worst.MagentoID, Provider: string(worst.Provider), SyncStatus: string(worst.Status),
		ProviderEntityID: worst.ProviderEntityID, ProviderReference: worst.ProviderReference,
		SkipReason: string(worst.SkipReason), ErrorCode: string(worst.ErrorCode), LastSyncAt: worst.LastSyncAt,
	}
}
