package graph

import (
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/graph/exec"
	"byte8.io/ledger/graph/model"
)

// What fields cost besides the one point of each object in the answer. Scalars
// are free.
const (
	// costQuery is a read of its own for each parent.
	costQuery = 5
	// costRemote is a call to a shop or a provider, or a read of many rows.
	costRemote = 100
	// costConnect is a change that calls remotes several times.
	costConnect = 500
	// costImpact is a read of hundreds of documents from a shop.
	costImpact = 2000
	// guessedStores, guessedBindings, guessedGroups and guessedPeople stand for
	// lists of unknown length.
	guessedPeople   = 10
	guessedStores   = 10
	guessedBindings = 3
	guessedGroups   = 10
	// guessedEndpoints is how many webhook endpoints an account may have.
	guessedEndpoints = 20
	// leastRows is what the shortest page of runs is priced at: the count beside it
	// reads as much.
	leastRows = 10
)

// costs is the cost of every field that is not one point.
func costs() exec.ComplexityRoot {
	var c exec.ComplexityRoot
	c.Query.SyncStates = func(child int, _ commerce.EntityType, ids []int64, _ []binding.Provider, _ *string) int {
		return costOfList(len(ids), app.MaxSyncStateIDs, child)
	}
	c.Query.SyncRuns = func(child int, first *int, _ *string, _ *model.SyncRunFilter, _ *model.SyncRunOrder) int {
		return max(costOfPage(first, child), 1+leastRows*child)
	}
	c.Query.Bindings = func(child int, first *int, _ *string, _ *binding.Provider) int { return costOfPage(first, child) }
	c.Query.APIKeys = func(child int, first *int, _ *string) int { return costOfPage(first, child) }
	c.Query.AuditEntries = func(child int, first *int, _ *string, _ *model.AuditEntryFilter) int { return costOfPage(first, child) }
	c.Query.Jobs = func(child int, first *int, _ *string, _ *string) int { return costOfPage(first, child) }
	c.Query.WebhookEndpoints = func(child int) int { return costQuery + costOfList(guessedEndpoints, guessedEndpoints, child) }
	c.Query.WebhookDeliveries = func(child int, _ string, first *int, _ *string, _ *model.WebhookDeliveryStatus) int {
		return costQuery + costOfPage(first, child)
	}
	c.Query.Members = func(child int, first *int, _ *string) int { return costOfPage(first, child) }
	c.Query.Invitations = func(child int) int { return costQuery + costOfList(guessedPeople, guessedPeople, child) }
	c.Query.Sessions = func(child int) int { return costQuery + costOfList(guessedPeople, guessedPeople, child) }
	c.Query.Nodes = func(child int, ids []string) int { return costOfList(len(ids), app.MaxNodes, child) }
	c.Query.FailureGroups = func(child int, _ string) int { return costRemote + guessedGroups*(1+child) }
	c.Query.PreviewDocument = func(child int, _ string, _ commerce.EntityType, _ int64, _ *model.BindingSettingsInput) int {
		return costRemote + child
	}
	c.Query.PreviewDocuments = func(child int, _ string, _ commerce.EntityType, ids []int64, _ *model.BindingSettingsInput) int {
		return costOfList(len(ids), app.MaxPreviews, costRemote+child)
	}
	c.Query.SettingsImpact = func(child int, _ string, _ model.BindingSettingsInput) int { return costImpact + child }
	c.Query.DisconnectPreview = func(child int, _ string) int { return costQuery + child }
	c.Query.Stores = func(child int) int { return costOfList(guessedStores, guessedStores, child) }

	c.Store.Bindings = func(child int) int { return costQuery + guessedBindings*(1+child) }
	c.Store.PaymentMethods = func(int) int { return costRemote }
	c.Binding.AvailableOrganisations = func(int) int { return costRemote }
	c.Binding.Settings = func(child int) int { return costQuery + child }
	c.Binding.SettingsHistory = func(child int, first *int, _ *string) int { return costQuery + costOfPage(first, child) }
	c.Binding.SettingsProblems = func(int) int { return costRemote }
	c.Binding.SettingsDerived = func(int) int { return costQuery }
	c.Binding.ReferenceData = func(child int) int { return costQuery + child }
	c.Binding.CallBudget = func(int) int { return costQuery }
	c.Binding.Health = func(int) int { return costQuery }
	c.FailureGroup.Sample = func(child int) int { return costQuery + child }
	c.SyncRunConnection.TotalCount = func(int) int { return costQuery }
	c.SyncRun.Attempts = func(int) int { return costQuery }

	c.Mutation.ConnectMagento = func(child int, _ model.ConnectMagentoInput) int { return costConnect + child }
	c.Mutation.SelectOrganisation = func(child int, _ model.SelectOrganisationInput) int { return costConnect + child }
	c.Mutation.RefreshReferenceData = func(child int, _ model.RefreshReferenceDataInput) int { return costConnect + child }
	c.Mutation.DisconnectBinding = func(child int, _ model.DisconnectBindingInput) int { return costConnect + child }
	c.Mutation.ReleaseHolds = func(child int, _ model.ReleaseHoldsInput) int { return costConnect + child }
	c.Mutation.RetrySyncRuns = func(child int, _ model.RetrySyncRunsInput) int { return costConnect + child }
	c.Mutation.StartBackfill = func(child int, _ model.StartBackfillInput) int { return costConnect + child }
	c.Mutation.RetryFailureGroup = func(child int, _ model.RetryFailureGroupInput) int { return costConnect + child }
	c.Mutation.RollBackSettings = func(child int, _ model.RollBackSettingsInput) int { return costRemote + child }
	c.Query.SettingsVersion = func(child int, _ string, _ int) int { return costQuery + child }
	c.Mutation.CreateWebhookEndpoint = func(child int, _ model.CreateWebhookEndpointInput) int { return costQuery + child }
	c.Mutation.UpdateWebhookEndpoint = func(child int, _ model.UpdateWebhookEndpointInput) int { return costQuery + child }
	c.Mutation.DeleteWebhookEndpoint = func(child int, _ model.DeleteWebhookEndpointInput) int { return costQuery + child }
	c.Mutation.RotateWebhookSecret = func(child int, _ model.RotateWebhookSecretInput) int { return costQuery + child }
	c.Mutation.ReplayWebhooks = func(child int, _ model.ReplayWebhooksInput) int { return costConnect + child }
	c.Mutation.InviteMember = func(child int, _ model.InviteMemberInput) int { return costRemote + child }
	c.Mutation.ChangePassword = func(child int, _ model.ChangePasswordInput) int { return costRemote + child }
	c.Mutation.UpdateSettings = func(child int, _ model.UpdateSettingsInput) int { return costRemote + child }
	c.Mutation.AuthorizeProvider = func(child int, _ model.AuthorizeProviderInput) int { return costRemote + child }
	c.Mutation.RetrySyncRun = func(child int, _ model.RetrySyncRunInput) int { return costRemote + child }
	c.Mutation.PauseBinding = func(child int, _ model.PauseBindingInput) int { return costRemote + child }
	c.Mutation.ResumeBinding = func(child int, _ model.ResumeBindingInput) int { return costRemote + child }
	return c
}

// costOfList is a list whose elements cost a point each and their children. One
// longer than allowed is refused by its use case, which names the rule.
func costOfList(length, longest, child int) int { return 1 + min(length, longest)*(1+child) }

func costOfPage(first *int, child int) int {
	rows := app.DefaultPage
	if first != nil {
		rows = max(*first, 0)
	}
	return 1 + min(rows, app.MaxPage)*child
}
