package httpserver

import (
	"html/template"
	"net/http"
)

// page is a small page for people whom a redirect brought here.
type page struct {
	Title  string
	Text   string
	Advice string
	List   []string
}

var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
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
<p>{{.Text}}</p>
{{- if .List}}
<ul>{{range .List}}<li>{{.}}</li>{{end}}</ul>
{{- end}}
{{- if .Advice}}
<p>{{.Advice}}</p>
{{- end}}
</main>
</body>
</html>
`))

func showPage(w http.ResponseWriter, status int, p page) {
	setPageHeaders(w)
	w.WriteHeader(status)
	_ = pageTemplate.Execute(w, p) // the client went away
}

// home tells a visitor what answers here.
func home(w http.ResponseWriter, _ *http.Request) {
	showPage(w, http.StatusOK, page{
		Title: "Byte8 Ledger",
		Text:  "This server puts Magento's documents into the books.",
		List:  []string{"POST /graphql: the API", "POST /webhooks/magento/{tenant}/{event}: events from shops", "GET /healthz and /readyz: whether it works"},
	})
}
