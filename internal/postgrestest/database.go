package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// prefix is how the names of all databases made here begin; nothing else is ever dropped.
const prefix = "rollcall_test_"

// Database is the URL of a fresh database, which is dropped when the test is over.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	database, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Drop(context.Background(), database); err != nil {
			t.Error(err)
		}
	})
	return database
}

// Create makes a fresh database and returns its URL.
func (s *Server) Create(ctx context.Context) (string, error) {
	address, err := url.Parse(s.URL)
	if err != nil {
		return "", errors.New("the server's URL can't be read") // the error would show its password
	}
	name := prefix + strings.ToLower(rand.Text())
	if err := s.execute(ctx, `CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'UTF8'`); err != nil {
		return "", fmt.Errorf("create a database: %w", err)
	}
	address.Path = "/" + name
	return address.String(), nil
}

// Drop drops a database that Create made, whoever is still connected to it.
func (s *Server) Drop(ctx context.Context, database string) error {
	address, err := url.Parse(database)
	if err != nil || !strings.HasPrefix(address.Path, "/"+prefix) {
		return errors.New("drop a database: it wasn't made here")
	}
	name := pgx.Identifier{strings.TrimPrefix(address.Path, "/")}.Sanitize()
	if err := s.execute(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`); err != nil {
		return fmt.Errorf("drop a database: %w", err)
	}
	return nil
}

func (s *Server) execute(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }() // the statement has succeeded or failed by then
	_, err = conn.Exec(ctx, statement)
	return err
}

// code is the SQLSTATE of an error of the server's, "" of others.
func sqlState(err error) string {
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}
