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

// ready is the key; the local one is read when it is first needed. Only who seals may make one: a new key opens nothing.
func (k *Keeper) ready(create bool) (*secrets.Keeper, error) {
	k.once.Lock()
	defer k.once.Unlock()
	if k.key != nil {
		return k.key, nil
	}
	key, err := readKey(k.keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, fmt.Errorf("%w: the key file %s is not there; put it back, or run `starter apply` again", ErrUnsealed, k.keyFile)
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

// readKey reads a key file that nobody but its owner can.
func readKey(path string) ([32]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return [32]byte{}, fmt.Errorf("key file: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return [32]byte{}, fmt.Errorf("key file %s may be read by others (mode %04o): it is not used until `chmod 600 %s`; "+
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

// makeKey makes a key file, whole or not at all. Where another process was quicker its file stands.
func makeKey(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	var key [32]byte
	_, _ = rand.Read(key[:])                                          // never fails
	draft, err := os.CreateTemp(filepath.Dir(path), keyFileName+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }() // the link stays; a draft left behind harms nobody
	_, err = draft.WriteString(base64.StdEncoding.EncodeToString(key[:]) + "\n")
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("key file: %w", err)
	}
	return nil
}
