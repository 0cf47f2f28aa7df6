package main

import (
	"context"

	"byte8.io/ledger/adapters/httpserver"
	"byte8.io/ledger/app"
	"byte8.io/ledger/graph"
)

// accounts hands the use cases of people to their routes.
func (l *ledger) accounts() *httpserver.Accounts {
	return &httpserver.Accounts{
		FindSession: l.app.AuthenticateSession, WithSession: graph.WithSessionDigest,
		SignIn: func(ctx context.Context, email, password string, from httpserver.Browser) (httpserver.SignedIn, error) {
			return signedIn(l.app.SignIn(ctx, email, password, app.Browser(from)))
		},
		SignOut: l.app.SignOut,
		SignUp: func(ctx context.Context, email, password, tenant string, from httpserver.Browser) (httpserver.SignedIn, error) {
			return signedIn(l.app.SignUp(ctx, app.SignUp{Email: email, Password: password, TenantName: tenant}, app.Browser(from)))
		},
		RequestReset: func(ctx context.Context, email string, from httpserver.Browser) {
			l.background.start(ctx, "password reset", func(ctx context.Context) error {
				return l.app.RequestPasswordReset(ctx, email, from.Client)
			})
		},
		ResetPassword: func(ctx context.Context, token, password string, from httpserver.Browser) error {
			return l.app.ResetPassword(ctx, token, password, from.Client)
		},
		ReadInvitation: func(ctx context.Context, token string) (string, string, error) {
			open, err := l.app.ReadInvitation(ctx, token)
			return open.Email, open.Tenant, err
		},
		AcceptInvitation: func(ctx context.Context, token, password string, from httpserver.Browser) (httpserver.SignedIn, error) {
			return signedIn(l.app.AcceptInvitation(ctx, token, password, app.Browser(from)))
		},
		SignUpOpen: l.config.isSignUpOpen(), PublicURL: l.config.PublicURL, Proxies: l.config.proxies,
	}
}

func signedIn(done app.SignedIn, err error) (httpserver.SignedIn, error) {
	return httpserver.SignedIn{Member: done.Member, Token: done.Token, ExpiresAt: done.Session.ExpiresAt}, err
}
