package httpserver

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// maxAccountBody is the longest body of a request about accounts.
const maxAccountBody = 16 << 10

// Browser is where a person calls from.
type Browser struct {
	// Client is the address that tries are counted under.
	Client    string
	UserAgent string
	// Token is the session the browser presents; empty for none.
	Token string
}

// SignedIn is a new session.
type SignedIn struct {
	Member access.Member
	// Token is for the browser's cookie alone.
	Token     string
	ExpiresAt time.Time
}

// Accounts are what the routes for people call.
type Accounts struct {
	// FindSession turns a session's token into a principal, a zero one when it is
	// unknown or has ended.
	FindSession func(ctx context.Context, token string) (access.Principal, error)
	// WithSession puts the session's digest where the GraphQL handler looks for it.
	WithSession func(ctx context.Context, digest string) context.Context
	SignIn      func(ctx context.Context, email, password string, from Browser) (SignedIn, error)
	SignOut     func(ctx context.Context, token string) error
	SignUp      func(ctx context.Context, email, password, tenant string, from Browser) (SignedIn, error)
	// RequestReset returns at once, whoever the address belongs to.
	RequestReset     func(ctx context.Context, email string, from Browser)
	ResetPassword    func(ctx context.Context, token, password string, from Browser) error
	ReadInvitation   func(ctx context.Context, token string) (email, tenant string, err error)
	AcceptInvitation func(ctx context.Context, token, password string, from Browser) (SignedIn, error)
	// SignUpOpen reports whether anybody may make an account.
	SignUpOpen bool
	// PublicURL is our own origin. Under https the session's cookie is sent by
	// https alone.
	PublicURL string
	// Proxies say which peers tell the truth about whom they speak for.
	Proxies Proxies
}

// accountForm is every field a person may send.
type accountForm struct {
	Email      string `json:"email"`
	Password   string `json:"password"`
	TenantName string `json:"tenantName"`
	Token      string `json:"token"`
	// ReturnTo is where a browser goes afterwards: a path of ours.
	ReturnTo string `json:"-"`
	// isForm reports that a page's form was sent, and a page is the answer.
	isForm bool
}

// registerAccounts adds the routes for people. Pages of other sites cannot call
// them.
func (o Options) registerAccounts(mux *http.ServeMux, guard *originGuard) {
	for pattern, handle := range map[string]http.HandlerFunc{
		"POST /v1/session":                o.signIn,
		"DELETE /v1/session":              o.signOut,
		"POST /v1/sign-up":                o.signUp,
		"POST /v1/password-reset":         o.requestReset,
		"POST /v1/password-reset/confirm": o.resetPassword,
		"POST /v1/invitations/accept":     o.acceptInvitation,
	} {
		mux.Handle(pattern, guard.require(o, handle))
	}
	mux.HandleFunc("GET /sign-in", o.signInPage)
	mux.HandleFunc("GET /sign-up", o.signUpPage)
	mux.HandleFunc("GET /reset-password", o.resetPage)
	mux.HandleFunc("GET /accept-invitation", o.invitationPage)
}

func (o Options) signIn(w http.ResponseWriter, r *http.Request) {
	form, err := readAccountForm(w, r)
	if err != nil {
		o.fail(w, r, err)
		return
	}
	done, err := o.Accounts.SignIn(r.Context(), form.Email, form.Password, o.browser(r))
	if err != nil {
		o.failForm(w, r, form, signInForm(form), err)
		return
	}
	o.welcome(w, r, form, done)
}

func (o Options) signOut(w http.ResponseWriter, r *http.Request) {
	if token := o.sessionToken(r); token != "" {
		if err := o.Accounts.SignOut(r.Context(), token); err != nil {
			o.fail(w, r, err)
			return
		}
	}
	o.clearSession(w)
	w.WriteHeader(http.StatusNoContent)
}

func (o Options) signUp(w http.ResponseWriter, r *http.Request) {
	form, err := readAccountForm(w, r)
	if err != nil {
		o.fail(w, r, err)
		return
	}
	done, err := o.Accounts.SignUp(r.Context(), form.Email, form.Password, form.TenantName, o.browser(r))
	if err != nil {
		o.failForm(w, r, form, signUpForm(form), err)
		return
	}
	o.welcome(w, r, form, done)
}

// requestReset answers before anything is looked up, so that neither the answer
// nor its time tells who is known here.
func (o Options) requestReset(w http.ResponseWriter, r *http.Request) {
	form, err := readAccountForm(w, r)
	if err != nil {
		o.fail(w, r, err)
		return
	}
	o.Accounts.RequestReset(r.Context(), form.Email, o.browser(r))
	if form.isForm {
		showPage(w, http.StatusAccepted, page{Title: "Look into your mail", Text: "If the address is known here, a link to set a new password is on its way. It works once, for an hour."})
		return
	}
	writeJSON(w, http.StatusAccepted, map[string]string{"status": "accepted"})
}

func (o Options) resetPassword(w http.ResponseWriter, r *http.Request) {
	form, err := readAccountForm(w, r)
	if err != nil {
		o.fail(w, r, err)
		return
	}
	if err := o.Accounts.ResetPassword(r.Context(), form.Token, form.Password, o.browser(r)); err != nil {
		o.failForm(w, r, form, newPasswordForm(form), err)
		return
	}
	o.clearSession(w)
	if form.isForm {
		showForm(w, http.StatusOK, signInForm(accountForm{}).saying("The new password is set. Sign in with it."))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (o Options) acceptInvitation(w http.ResponseWriter, r *http.Request) {
	form, err := readAccountForm(w, r)
	if err != nil {
		o.fail(w, r, err)
		return
	}
	done, err := o.Accounts.AcceptInvitation(r.Context(), form.Token, form.Password, o.browser(r))
	if err != nil {
		o.failForm(w, r, form, invitationForm(form), err)
		return
	}
	o.welcome(w, r, form, done)
}

// welcome hands the session to the browser.
func (o Options) welcome(w http.ResponseWriter, r *http.Request, form accountForm, done SignedIn) {
	o.setSession(w, done)
	if form.isForm {
		http.Redirect(w, r, ownPath(form.ReturnTo), http.StatusSeeOther)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"member":   map[string]string{"id": done.Member.ID, "email": done.Member.Email, "role": string(done.Member.Role)},
		"tenantId": string(done.Member.TenantID), "expiresAt": done.ExpiresAt.UTC().Format(time.RFC3339),
	})
}

// failForm answers in the form of the question: the page's form again with what
// is wrong, or JSON.
func (o Options) failForm(w http.ResponseWriter, r *http.Request, form accountForm, again formPage, err error) {
	if !form.isForm {
		o.fail(w, r, err)
		return
	}
	status, _, message := present(err)
	o.explain(w, r, status, err)
	showForm(w, status, again.failing(message))
}

// readAccountForm reads JSON or a page's form; anything else is refused.
func readAccountForm(w http.ResponseWriter, r *http.Request) (accountForm, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxAccountBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		var form accountForm
		if err := json.NewDecoder(r.Body).Decode(&form); err != nil {
			return accountForm{}, fault.Wrap(fault.CodeMalformed, "The body is not a JSON object of texts.", err)
		}
		return form, nil
	case "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return accountForm{}, fault.Wrap(fault.CodeMalformed, "The form cannot be read.", err)
		}
		f := r.PostForm
		return accountForm{
			Email: f.Get("email"), Password: f.Get("password"), TenantName: f.Get("tenantName"), Token: f.Get("token"),
			ReturnTo: f.Get("returnTo"), isForm: true,
		}, nil
	}
	return accountForm{}, fault.New(fault.CodeMalformed, "Send application/json, or a form.")
}

func (o Options) browser(r *http.Request) Browser {
	return Browser{Client: o.Accounts.Proxies.Client(r), UserAgent: r.UserAgent(), Token: o.sessionToken(r)}
}

// ownPath is a path on this server to go to, and the front page for anything
// else.
func ownPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, func(c rune) bool { return c <= ' ' || c == '\\' || c == 0x7f }) {
		return "/"
	}
	return path
}
