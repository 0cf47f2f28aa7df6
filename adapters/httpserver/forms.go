package httpserver

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"

	"byte8.io/ledger/domain/access"
)

// pageStyle is the one style sheet of the pages; it follows page.go's look.
const pageStyle = `body { font: 16px/1.5 system-ui, sans-serif; color: #1c2430; background: #f5f6f8; margin: 0; }
main { max-width: 34rem; margin: 15vh auto; padding: 2rem; background: #fff; border-radius: 8px; box-shadow: 0 1px 4px rgb(0 0 0 / 12%); }
h1 { font-size: 1.4rem; margin-top: 0; }
label { display: block; margin: 1rem 0; font-weight: 600; }
input { display: block; box-sizing: border-box; width: 100%; margin-top: .25rem; padding: .5rem; font: inherit; border: 1px solid #8c959f; border-radius: 4px; }
button { padding: .5rem 1.5rem; font: inherit; color: #fff; background: #1f5fbf; border: 0; border-radius: 4px; }
nav { margin-top: 1.5rem; color: #57606a; }
nav a { margin-right: 1rem; }
[role=alert] { padding: .5rem .75rem; background: #fff1f0; border-left: 4px solid #c0362c; }
[role=status] { padding: .5rem .75rem; background: #eef7ee; border-left: 4px solid #2f7d32; }
p:last-child { margin-bottom: 0; color: #57606a; }`

// pagePolicy lets a page load nothing but its own style sheet and send forms
// nowhere but here.
var pagePolicy = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}()

// formPage is a page with one form. It works without JavaScript.
type formPage struct {
	Title   string
	Text    string
	Success string
	Problem string
	Action  string
	Button  string
	Fields  []formField
	Links   []formLink
}

type formField struct {
	Name, Label, Type, Value, Autocomplete string
	// Shortest and Longest bound the text in characters; 0 does not.
	Shortest, Longest int
}

type formLink struct{ Address, Text string }

func (p formPage) saying(success string) formPage { p.Success = success; return p }

func (p formPage) failing(problem string) formPage { p.Problem = problem; return p }

var formTemplate = template.Must(template.New("form").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} · Byte8 Ledger</title>
<style>` + pageStyle + `</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
{{- if .Problem}}
<p role="alert">{{.Problem}}</p>
{{- end}}
{{- if .Success}}
<p role="status">{{.Success}}</p>
{{- end}}
{{- if .Text}}
<p>{{.Text}}</p>
{{- end}}
<form method="post" action="{{.Action}}">
{{- range .Fields}}
{{- if eq .Type "hidden"}}
<input type="hidden" name="{{.Name}}" value="{{.Value}}">
{{- else}}
<label>{{.Label}} <input type="{{.Type}}" name="{{.Name}}" value="{{.Value}}" autocomplete="{{.Autocomplete}}"{{if .Shortest}} minlength="{{.Shortest}}"{{end}}{{if .Longest}} maxlength="{{.Longest}}"{{end}} required></label>
{{- end}}
{{- end}}
<button>{{.Button}}</button>
</form>
{{- if .Links}}
<nav>{{range .Links}}<a href="{{.Address}}">{{.Text}}</a>{{end}}</nav>
{{- end}}
</main>
</body>
</html>
`))

func showForm(w http.ResponseWriter, status int, p formPage) {
	setPageHeaders(w)
	// The form's own Origin must reach this server; links to others carry nothing.
	w.Header().Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_ = formTemplate.Execute(w, p) // the client went away
}

func setPageHeaders(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", pagePolicy)
}

func (o Options) signInPage(w http.ResponseWriter, r *http.Request) {
	showForm(w, http.StatusOK, signInForm(accountForm{ReturnTo: r.URL.Query().Get("returnTo")}))
}

func signInForm(form accountForm) formPage {
	return formPage{
		Title: "Sign in", Action: "/v1/session", Button: "Sign in",
		Fields: []formField{
			{Name: "email", Label: "E-mail address", Type: "email", Value: form.Email, Autocomplete: "username"},
			{Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password"},
			{Name: "returnTo", Type: "hidden", Value: ownPath(form.ReturnTo)},
		},
		Links: []formLink{{"/reset-password", "Forgot the password?"}},
	}
}

func (o Options) signUpPage(w http.ResponseWriter, _ *http.Request) {
	if !o.Accounts.SignUpOpen {
		showPage(w, http.StatusForbidden, page{Title: "Nobody can sign up here", Text: "Ask the operator of this server for an account, or an owner of one for an invitation."})
		return
	}
	showForm(w, http.StatusOK, signUpForm(accountForm{}))
}

func signUpForm(form accountForm) formPage {
	return formPage{
		Title: "Sign up", Action: "/v1/sign-up", Button: "Sign up",
		Fields: []formField{
			{Name: "tenantName", Label: "Merchant", Type: "text", Value: form.TenantName, Autocomplete: "organization", Longest: 200},
			{Name: "email", Label: "E-mail address", Type: "email", Value: form.Email, Autocomplete: "username"},
			newPasswordField(),
		},
		Links: []formLink{{"/sign-in", "Sign in instead"}},
	}
}

// resetPage asks for an address, or with a link's token for a new password. It
// does not use the token up: mail scanners open links too.
func (o Options) resetPage(w http.ResponseWriter, r *http.Request) {
	if token := r.URL.Query().Get("token"); token != "" {
		showForm(w, http.StatusOK, newPasswordForm(accountForm{Token: token}))
		return
	}
	showForm(w, http.StatusOK, formPage{
		Title: "Set a new password", Text: "A link to set a new one is sent to your address.", Action: "/v1/password-reset", Button: "Send the link",
		Fields: []formField{{Name: "email", Label: "E-mail address", Type: "email", Autocomplete: "username"}},
		Links:  []formLink{{"/sign-in", "Sign in instead"}},
	})
}

func newPasswordForm(form accountForm) formPage {
	return formPage{
		Title: "Set a new password", Text: "You are then signed out everywhere.", Action: "/v1/password-reset/confirm", Button: "Set the password",
		Fields: []formField{newPasswordField(), {Name: "token", Type: "hidden", Value: form.Token}},
		Links:  []formLink{{"/reset-password", "Ask for a new link"}},
	}
}

func (o Options) invitationPage(w http.ResponseWriter, r *http.Request) {
	form := accountForm{Token: r.URL.Query().Get("token")}
	email, tenant, err := o.Accounts.ReadInvitation(r.Context(), form.Token)
	if err != nil {
		status, code, message := present(err)
		o.explain(w, r, status, err)
		showPage(w, status, page{Title: "This invitation cannot be accepted", Text: message, Advice: code.Advice()})
		return
	}
	again := invitationForm(form)
	again.Text = "You join " + tenant + " as " + email + "."
	showForm(w, http.StatusOK, again)
}

func invitationForm(form accountForm) formPage {
	return formPage{
		Title: "Accept the invitation", Action: "/v1/invitations/accept", Button: "Join",
		Fields: []formField{newPasswordField(), {Name: "token", Type: "hidden", Value: form.Token}},
	}
}

func newPasswordField() formField {
	return formField{
		Name: "password", Label: "New password", Type: "password", Autocomplete: "new-password",
		Shortest: access.MinPassword, Longest: access.MaxPassword,
	}
}
