package people

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Server serves one report at a time, at URL/users and URL/groups, to whoever asks. Reports are written to files
// beforehand and sent by the kernel from its cache.
type Server struct {
	URL string

	folder  string
	http    *http.Server
	ended   chan error
	mu      sync.Mutex
	written map[Report]string // path without ending
	current string
}

// Serve starts serving on 127.0.0.1; it keeps files in a folder of its own until Close.
func Serve() (*Server, error) {
	folder, err := os.MkdirTemp("", "bench-reports-")
	if err != nil {
		return nil, fmt.Errorf("serve reports: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serve reports: %w", err), os.RemoveAll(folder))
	}
	s := &Server{
		URL: "http://" + listener.Addr().String(), folder: folder, written: map[Report]string{}, ended: make(chan error, 1),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users", s.send(".users"))
	mux.HandleFunc("GET /groups", s.send(".groups"))
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { s.ended <- s.http.Serve(listener) }()
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

// Show makes r the report that is served from now on.
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

func create(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// Size is how many bytes the users of the report now served are.
func (s *Server) Size() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Stat(s.current + ".users")
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Forget removes all reports written so far.
func (s *Server) Forget() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for r, path := range s.written {
		errs = append(errs, os.Remove(path+".users"), os.Remove(path+".groups"))
		delete(s.written, r)
	}
	return errors.Join(errs...)
}

// Close stops serving and removes all files.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if served := <-s.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}
