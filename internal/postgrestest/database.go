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

// prefix starts the names of all databases created here. No other database is ever dropped.
const prefix = "rollcall_test_"

// Database creates an empty database and returns its URL. The database is dropped when the test ends.
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

// Create creates an empty database and returns its URL. The caller drops it.
func (s *Server) Create(ctx context.Context) (string, error) {
	address, err := url.Parse(s.URL)
	if err != nil {
		return "", errors.New("the server's URL can't be parsed") // the parser's error would contain the password
	}
	name := prefix + strings.ToLower(rand.Text())
	if err := s.execute(ctx, `CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'UTF8'`); err != nil {
		return "", fmt.Errorf("create a database: %w", err)
	}
	address.Path = "/" + name
	return address.String(), nil
}

// Drop drops a database that Create made, even if there are connections to it. It refuses any other database.
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

// sqlState returns the SQLSTATE of a server's error, or "" for any other error.
func sqlState(err error) string {
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}
