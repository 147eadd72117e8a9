package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// memory is a server in front of another: what was answered once it answers the same from then on. The simulator makes
// each page as it is asked for, and that would be most of what is measured.
type memory struct {
	URL string

	behind string // the other's URL
	http   *http.Server
	ended  chan error
	known  sync.Map // of answer, by the request's URI
}

type answer struct {
	kind string
	body []byte
}

// remember serves what the server behind answers.
func remember(behind string) (*memory, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return nil, fmt.Errorf("serve pages: %w", err)
	}
	m := &memory{URL: "http://" + listener.Addr().String(), behind: behind, ended: make(chan error, 1)}
	m.http = &http.Server{Handler: m, ReadHeaderTimeout: 10 * time.Second}
	go func() { m.ended <- m.http.Serve(listener) }()
	return m, nil
}

// ServeHTTP answers from memory, or else as the server behind does.
func (m *memory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	known, ok := m.known.Load(r.URL.RequestURI())
	if !ok {
		fresh, err := m.ask(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		known, _ = m.known.LoadOrStore(r.URL.RequestURI(), fresh)
	}
	page := known.(answer) //nolint:errcheck,forcetypeassert // nothing else is stored
	w.Header().Set("Content-Type", page.kind)
	_, _ = w.Write(page.body) // the client's affair
}

func (m *memory) ask(r *http.Request) (answer, error) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, m.behind+r.URL.RequestURI(), http.NoBody)
	if err != nil {
		return answer{}, err
	}
	request.Header = r.Header.Clone()
	request.Header.Del("Accept-Encoding") // plain, as the other contender may not have asked for more
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("%s answered %s", r.URL.Path, response.Status)
	}
	body, err := io.ReadAll(response.Body)
	return answer{response.Header.Get("Content-Type"), body}, err
}

// Close stops serving.
func (m *memory) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := m.http.Shutdown(ctx)
	if served := <-m.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
