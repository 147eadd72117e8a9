package tenant

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/secrets"
	"gocloud.dev/secrets/localsecrets"
)

const keyFileName = "secrets.key"

// loadKey returns the key. It reads the local key file on first use. If create is true and there is no file, it makes
// one. Open must not create a key, because a new key can't open anything.
func (k *Keeper) loadKey(create bool) (*secrets.Keeper, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.key != nil {
		return k.key, nil
	}
	key, err := readKey(k.keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, fmt.Errorf(
				"%w: the key file %s is not there; put it back, or run `starter apply` again", ErrWrongKey, k.keyFile,
			)
		}
		if err = makeKey(k.keyFile); err == nil {
			key, err = readKey(k.keyFile)
		}
	}
	if err != nil {
		return nil, err
	}
	k.key = localsecrets.NewKeeper(key)
	return k.key, nil
}

// readKey reads a key file. It refuses a file that others than the owner may read.
func readKey(path string) ([32]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return [32]byte{}, fmt.Errorf("key file: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return [32]byte{}, fmt.Errorf("key file %s may be read by others (mode %04o): it is not used until `chmod "+
			"600 %s`; "+
			"if others could have read it, remove it and run `starter apply` again", path, mode, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return [32]byte{}, fmt.Errorf("key file: %w", err)
	}
	key, err := localsecrets.Base64KeyStd(strings.TrimSpace(string(text)))
	if err != nil {
		return [32]byte{}, fmt.Errorf("key file %s doesn't hold a key of 32 bytes in base64: put the old file back, "+
			"or remove it and run `starter apply` again", path)
	}
	return key, nil
}

// makeKey creates a key file atomically. If another process created it first, that file stays.
func makeKey(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	var key [32]byte
	_, _ = rand.Read(key[:])                                              // never fails
	temporary, err := os.CreateTemp(filepath.Dir(path), keyFileName+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // the link remains; a leftover file is harmless
	_, err = temporary.WriteString(base64.StdEncoding.EncodeToString(key[:]) + "\n")
	if err == nil {
		err = temporary.Sync()
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("key file: %w", err)
	}
	return nil
}
