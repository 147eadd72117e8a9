package people

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
)

// Server serves one report at a time at URL/users and URL/groups. It writes reports to files in advance, and the kernel
// sends them from its cache.
type Server struct {
	URL string

	folder  string
	http    *httptest.Server
	mu      sync.Mutex
	written map[Report]string // path without ending
	current string
}

// Serve starts a server on 127.0.0.1. It creates folder for its files. The caller closes the server.
func Serve(folder string) (*Server, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("serve reports: %w", err)
	}
	s := &Server{folder: folder, written: map[Report]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users", s.send(".users"))
	mux.HandleFunc("GET /groups", s.send(".groups"))
	s.http = httptest.NewServer(mux)
	s.URL = s.http.URL
	return s, nil
}

func (s *Server) send(ending string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		path := s.current + ending
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
		http.ServeFile(w, r, path)
	}
}

// Show sets the report that is served.
func (s *Server) Show(r Report) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, written := s.written[r]
	if !written {
		path = filepath.Join(s.folder, fmt.Sprintf("report%d", len(s.written)))
		if err := errors.Join(create(path+".users", r.Write), create(path+".groups", r.WriteGroups)); err != nil {
			return fmt.Errorf("write a report: %w", err)
		}
		s.written[r] = path
	}
	s.current = path
	return nil
}

// create writes a file and waits for the disk, so that no writes are pending during a measurement.
func create(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Sync(), file.Close())
}

// Forget removes the files of all reports.
func (s *Server) Forget() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.written)
	return errors.Join(os.RemoveAll(s.folder), os.MkdirAll(s.folder, 0o700))
}

// Close stops the server. The files remain.
func (s *Server) Close() { s.http.Close() }
