package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

// The tries that are free before each further one makes the next wait longer.
const (
	// freeTries is for one member, or one e-mail address from one client.
	freeTries = 10
	// freeTriesForOneEmail is far more: who fails with somebody else's address
	// shuts out themselves, and guessing from many clients is slowed down all the
	// same.
	freeTriesForOneEmail = 100
	// freeTriesFromOneAddress is more: a whole office may share one.
	freeTriesFromOneAddress = 50
	// freeMails is for links to one e-mail address.
	freeMails = 3
)

// maxUserAgent is how much of a browser's name is kept.
const maxUserAgent = 300

// Browser is where a person calls from.
type Browser struct {
	// Client is what tries are counted under: an IP address or network.
	Client    string
	UserAgent string
	// Token is the session the browser presents; empty for none. A new session
	// takes its place.
	Token string
}

// SignedIn is a new session. The token is for the browser alone.
type SignedIn struct {
	Member  access.Member
	Session access.Session
	Token   string
}

// signInKeys are what tries to sign in are counted under.
type signInKeys struct{ client, both, email string }

func signInKeysOf(email, client string) signInKeys {
	digest := access.DigestSecret(email)
	return signInKeys{client: "sign-in:client:" + client, both: "sign-in:both:" + digest + ":" + client, email: "sign-in:email:" + digest}
}

// SignIn checks an e-mail address and a password and opens a session. After
// ten tries for one address from one client, a hundred for it from all clients,
// or fifty from one client, each further one makes the next wait longer, up to
// 15 minutes: TooManyTries with the wait. An unknown address costs what a wrong
// password does.
func (a *App) SignIn(ctx context.Context, email, password string, from Browser) (SignedIn, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	keys := signInKeysOf(email, from.Client)
	if err := a.trySignIn(ctx, keys); err != nil {
		return SignedIn{}, err
	}
	member, err := a.checkCredentials(ctx, email, password)
	if err != nil {
		return SignedIn{}, err
	}
	if err := a.forgetTries(ctx, keys); err != nil {
		return SignedIn{}, err
	}
	if err := a.Throttle.TakeBack(ctx, keys.client); err != nil {
		return SignedIn{}, fmt.Errorf("forgetting a try: %w", err)
	}
	return a.openSession(ctx, member, from)
}

// trySignIn counts a try under each key. One that has to wait for its client is
// not counted against the e-mail address.
func (a *App) trySignIn(ctx context.Context, keys signInKeys) error {
	if err := a.try(ctx, keys.client, freeTriesFromOneAddress); err != nil {
		return err
	}
	if err := a.try(ctx, keys.both, freeTries); err != nil {
		return err
	}
	return a.try(ctx, keys.email, freeTriesForOneEmail)
}

// forgetTries forgets the tries for an e-mail address whose owner has shown up:
// those of all clients together, and those of this one.
func (a *App) forgetTries(ctx context.Context, keys signInKeys) error {
	for _, key := range []string{keys.both, keys.email} {
		if err := a.Throttle.Forget(ctx, key); err != nil {
			return fmt.Errorf("forgetting earlier tries: %w", err)
		}
	}
	return nil
}

// try counts a try, or reports TooManyTries with the wait.
func (a *App) try(ctx context.Context, key string, free int) error {
	wait, err := a.Throttle.Try(ctx, key, free)
	if err != nil {
		return fmt.Errorf("counting a try: %w", err)
	}
	if wait > 0 {
		return fault.Newf(fault.CodeTooManyTries, "Too many tries. Try again in %s.", inWords(wait)).WithWait(wait)
	}
	return nil
}

func inWords(wait time.Duration) string {
	switch minutes := int((wait + time.Minute - 1) / time.Minute); {
	case wait <= time.Second:
		return "a second"
	case wait <= time.Minute:
		return fmt.Sprintf("%d seconds", int((wait+time.Second-1)/time.Second))
	case minutes == 1:
		return "a minute"
	default:
		return fmt.Sprintf("%d minutes", minutes)
	}
}

// checkCredentials finds the member with the password. In any case it reads one
// row, compares one hash and writes nothing before it answers, so that its time
// tells nothing about who is known here.
func (a *App) checkCredentials(ctx context.Context, email, password string) (access.Member, error) {
	decoy, err := a.decoyHash(ctx)
	if err != nil {
		return access.Member{}, err
	}
	member, err := a.Members.FindMemberByEmail(ctx, email)
	isKnown := err == nil
	switch {
	case fault.IsKind(err, fault.NotFound):
		member.PasswordHash = decoy
	case err != nil:
		return access.Member{}, fmt.Errorf("finding the member: %w", err)
	}
	isMatch, err := a.Passwords.Matches(ctx, password, member.PasswordHash)
	if err != nil {
		return access.Member{}, fmt.Errorf("checking the password: %w", err)
	}
	if isKnown && !isMatch {
		a.noteFailedSignIn(ctx, member)
	}
	if !isKnown || !isMatch {
		return access.Member{}, fault.New(fault.CodeUnauthenticated, "The e-mail address or the password is wrong.")
	}
	return member, nil
}

// noteFailedSignIn puts a wrong password into the audit log, behind the answer:
// an unknown address has no entry, and the time of storing one would tell it
// apart. The throttle bounds how often that happens.
func (a *App) noteFailedSignIn(ctx context.Context, member access.Member) {
	entry := a.entry(member.Principal(""), audit.MemberSignInFailed, member.ID, nil)
	a.Background(ctx, "audit of a failed sign-in", func(ctx context.Context) error {
		return a.Audit.AppendEntries(ctx, entry)
	})
}

// decoyHash is the hash of a password that nobody has.
func (a *App) decoyHash(ctx context.Context) (string, error) {
	a.decoy.Lock()
	defer a.decoy.Unlock()
	if a.decoy.hash != "" {
		return a.decoy.hash, nil
	}
	password, err := a.newToken()
	if err != nil {
		return "", err
	}
	hash, err := a.Passwords.Hash(ctx, password)
	if err != nil {
		return "", fmt.Errorf("hashing a decoy: %w", err)
	}
	a.decoy.hash = hash
	return hash, nil
}

func (a *App) openSession(ctx context.Context, member access.Member, from Browser) (SignedIn, error) {
	token, err := a.newToken()
	if err != nil {
		return SignedIn{}, err
	}
	now := a.Now()
	session := access.Session{
		ID: a.NewID("ses"), TenantID: member.TenantID, MemberID: member.ID, Digest: access.DigestSecret(token),
		UserAgent: cutText(from.UserAgent, maxUserAgent), CreatedAt: now, LastSeenAt: now.Truncate(time.Minute), ExpiresAt: now.Add(access.SessionLife),
	}
	replaces := ""
	if from.Token != "" {
		replaces = access.DigestSecret(from.Token)
	}
	err = a.Sessions.CreateSession(ctx, member, session, replaces, a.entry(member.Principal(session.ID), audit.MemberSignedIn, member.ID, map[string]any{"session": session.ID}))
	if fault.IsKind(err, fault.NotFound) {
		return SignedIn{}, fault.Wrap(fault.CodeUnauthenticated, "The e-mail address or the password is wrong.", err)
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("storing the session: %w", err)
	}
	member.LastSignedInAt = &now
	return SignedIn{Member: member, Session: session, Token: token}, nil
}

// cutText is printable text of at most so many bytes, as every database takes it.
func cutText(text string, longest int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "")
	}
	return text
}
