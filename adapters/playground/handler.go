// Package playground serves the API explorer. Its files are built by Vite from
// web/playground and are part of the binary, so that it asks no other server.
package playground

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// Path is where the explorer is served; its files know that.
const Path = "/playground/"

// policy lets the page run its own scripts and workers and call its own server.
// The editor writes its styles at run time.
const policy = "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// built always holds fallback.html; the rest is there after make playground.
//
//go:embed all:built
var built embed.FS

// NewHandler serves the explorer under [Path], or a page that says how to build
// it into the binary.
func NewHandler() http.Handler {
	return handlerOf(built)
}

func handlerOf(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), strings.TrimSuffix(Path, "/"))
		isPage := name == ""
		if isPage {
			name = "/index.html"
			if _, err := fs.Stat(files, "built/index.html"); err != nil {
				name = "/fallback.html"
			}
		}
		info, err := fs.Stat(files, "built"+name)
		if err != nil || info.IsDir() {
			http.NotFound(w, r)
			return
		}
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		// The names of other files change with their content.
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
		if isPage || !strings.HasPrefix(name, "/assets/") {
			header.Set("Cache-Control", "no-cache")
		}
		raw, err := fs.ReadFile(files, "built"+name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		header.Set("Content-Type", typeOf(name))
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(raw))
	})
}

// typeOf does not depend on the system's table of types.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".ttf":
		return "font/ttf"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}
