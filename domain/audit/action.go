package audit

// Action is what was done, as a dotted name in the past tense. Names are
// permanent.
type Action string

// The actions.
const (
	TenantCreated Action = "tenant.created"

	MemberInvited         Action = "member.invited"
	InvitationRevoked     Action = "member.invitation_revoked"
	MemberJoined          Action = "member.joined"
	MemberRoleChanged     Action = "member.role_changed"
	MemberRemoved         Action = "member.removed"
	MemberSignedIn        Action = "member.signed_in"
	MemberSignInFailed    Action = "member.sign_in_failed"
	MemberSignedOut       Action = "member.signed_out"
	MemberPasswordChanged Action = "member.password_changed"
	MemberPasswordReset   Action = "member.password_reset"

	APIKeyCreated Action = "api_key.created"
	APIKeyRenewed Action = "api_key.renewed"
	APIKeyRotated Action = "api_key.rotated" //nolint:gosec // the name of an action
	APIKeyRevoked Action = "api_key.revoked"

	StorePaired                 Action = "store.paired"
	StoreDisconnected           Action = "store.disconnected"
	BindingConnected            Action = "binding.connected"
	BindingOrganisationSelected Action = "binding.organisation_selected"
	BindingPaused               Action = "binding.paused"
	BindingResumed              Action = "binding.resumed"
	BindingUnlinked             Action = "binding.unlinked"
	BindingDisconnected         Action = "binding.disconnected"

	SettingsUpdated    Action = "settings.updated"
	SettingsRolledBack Action = "settings.rolled_back"

	RunRetried    Action = "run.retried"
	RunsRetried   Action = "runs.retried"
	HoldsReleased Action = "holds.released"
	JobStarted    Action = "job.started"
	JobCancelled  Action = "job.cancelled"

	WebhookEndpointCreated       Action = "webhook_endpoint.created"
	WebhookEndpointUpdated       Action = "webhook_endpoint.updated"
	WebhookEndpointDeleted       Action = "webhook_endpoint.deleted"
	WebhookEndpointSecretRotated Action = "webhook_endpoint.secret_rotated"
	WebhookEndpointSwitchedOff   Action = "webhook_endpoint.switched_off"
	WebhooksReplayed             Action = "webhooks.replayed"
)
