package app

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// RequestPasswordReset sends a member a link to a new password, at most three
// without a wait between them. An unknown address, and one that has to wait, is
// passed over in silence. How long it takes tells who is known: answer the
// caller before it is called.
func (a *App) RequestPasswordReset(ctx context.Context, email, client string) error {
	email = strings.ToLower(strings.TrimSpace(email))
	err := a.try(ctx, "reset:client:"+client, freeTriesFromOneAddress)
	if err == nil {
		err = a.try(ctx, "reset:email:"+access.DigestSecret(email), freeMails)
	}
	if fault.Is(err, fault.CodeTooManyTries) {
		return nil
	}
	if err != nil {
		return err
	}
	member, err := a.Members.FindMemberByEmail(ctx, email)
	if fault.IsKind(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("finding the member: %w", err)
	}
	link, err := a.newPasswordLink(ctx, member)
	if err != nil {
		return err
	}
	err = a.Mail.Send(ctx, ports.Message{
		To: member.Email, About: member.ID, Subject: "Set a new password",
		Text: "Somebody, probably you, asked for a new password at " + a.PublicURL + ". This link sets one, once, within an hour. If it was not you, there is nothing to do.",
		Link: link,
	})
	if err != nil {
		return fmt.Errorf("sending the link: %w", err)
	}
	return nil
}

// NewPasswordLink makes a link by which a member of the principal's tenant sets
// a new password, once, within an hour. It is for operators at the command line.
func (a *App) NewPasswordLink(ctx context.Context, p access.Principal, email string) (string, error) {
	if p.Kind != access.KindSystem {
		return "", fault.New(fault.CodeDenied, "Only the server's operator makes such links.")
	}
	member, err := a.Members.FindMemberByEmail(ctx, strings.ToLower(strings.TrimSpace(email)))
	if err != nil {
		return "", fmt.Errorf("finding the member: %w", err)
	}
	if member.TenantID != p.TenantID {
		return "", fault.New(fault.CodeNotFound, "There is no such member.")
	}
	return a.newPasswordLink(ctx, member)
}

func (a *App) newPasswordLink(ctx context.Context, member access.Member) (string, error) {
	token, err := a.newToken()
	if err != nil {
		return "", err
	}
	err = a.Members.AddPasswordReset(ctx, access.PasswordReset{
		Digest: access.DigestSecret(token), TenantID: member.TenantID, MemberID: member.ID, ExpiresAt: a.Now().Add(access.ResetLife),
	})
	if err != nil {
		return "", fmt.Errorf("storing the link: %w", err)
	}
	return a.oneTimeLink("/reset-password", token), nil
}

// oneTimeLink is the address of one of our pages with a one-time token.
func (a *App) oneTimeLink(path, token string) string {
	return a.PublicURL + path + "?" + url.Values{"token": {token}}.Encode()
}
