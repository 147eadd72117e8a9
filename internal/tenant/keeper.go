package tenant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"gocloud.dev/secrets"
	"gocloud.dev/secrets/localsecrets"
)

// ErrWrongKey means that the key in use can't open the credentials.
var ErrWrongKey = errors.New("the credentials can't be opened with the present key")

// Keeper encrypts ("seals") credentials and decrypts ("opens") them. It binds them to a tenant: they can't be opened
// for another one. It is safe for concurrent use.
type Keeper struct {
	keyFile string // path of the local key; "" with a key service

	mu  sync.Mutex // guards key
	key *secrets.Keeper
}

// contents is the plain text of sealed credentials.
type contents struct {
	Tenant   string `json:"tenant"`
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`
	APIKey   string `json:"api_key,omitempty"`

	ClientSecret string `json:"client_secret,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	PrivateKey   string `json:"private_key,omitempty"`

	Hooks []hook `json:"hooks,omitempty"`
}

// hook is a Hook that can be marshalled, for contents only.
type hook struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	Secret string `json:"secret,omitempty"`
}

// OpenKeeper opens the key service at secretsURL. If secretsURL is empty, it uses the local key file in home, which the
// first Seal creates. The program must import the driver of a key service: see package drivers.
func OpenKeeper(ctx context.Context, secretsURL, home string) (*Keeper, error) {
	if secretsURL == "" {
		return &Keeper{keyFile: filepath.Join(home, keyFileName)}, nil
	}
	key, err := secrets.OpenKeeper(ctx, secretsURL)
	if err != nil {
		scheme, _, _ := strings.Cut(secretsURL, "://")
		if scheme == localsecrets.Scheme {
			// err holds the key
			return nil, errors.New("ROLLCALL_SECRETS_URL: after base64key:// comes a key of 32 bytes in URL-safe " +
				"base64")
		}
		return nil, fmt.Errorf("open the key service of ROLLCALL_SECRETS_URL (%s): %w", scheme, err)
	}
	return &Keeper{key: key}, nil
}

// Seal encrypts a tenant's credentials. Each call returns different bytes.
func (k *Keeper) Seal(ctx context.Context, tenant string, c Credentials) ([]byte, error) {
	key, err := k.loadKey(true)
	if err != nil {
		return nil, fmt.Errorf("seal credentials of %s: %w", tenant, err)
	}
	sealing := contents{
		Tenant: tenant, Username: c.Username, Password: c.Password, APIKey: c.APIKey,
		ClientSecret: c.ClientSecret, RefreshToken: c.RefreshToken, PrivateKey: c.PrivateKey,
	}
	for _, h := range c.Hooks {
		sealing.Hooks = append(sealing.Hooks, hook(h))
	}
	plain, err := json.Marshal(sealing)
	if err != nil {
		return nil, fmt.Errorf("seal credentials of %s: %w", tenant, err)
	}
	sealed, err := key.Encrypt(ctx, plain)
	if err != nil {
		return nil, fmt.Errorf("seal credentials of %s: %w", tenant, err)
	}
	return sealed, nil
}

// Open decrypts credentials that Seal encrypted for the same tenant. Its error wraps ErrWrongKey if the local key is
// missing or different, or if the credentials belong to another tenant. Any other error may be temporary, such as a key
// service that doesn't respond.
func (k *Keeper) Open(ctx context.Context, tenant string, sealed []byte) (Credentials, error) {
	key, err := k.loadKey(false)
	if err != nil {
		return Credentials{}, fmt.Errorf("open credentials of %s: %w", tenant, err)
	}
	plain, err := key.Decrypt(ctx, sealed)
	if err != nil && k.keyFile != "" {
		return Credentials{}, fmt.Errorf("open credentials of %s: %w: %s is not the key they were sealed with; "+
			"put the old file back, or run `starter apply` again", tenant, ErrWrongKey, k.keyFile)
	}
	if err != nil {
		return Credentials{}, fmt.Errorf("open credentials of %s: %w", tenant, err)
	}
	var c contents
	if err := json.Unmarshal(plain, &c); err != nil || c.Tenant != tenant {
		return Credentials{}, fmt.Errorf("open credentials of %s: %w: they were sealed for another tenant; "+
			"run `starter apply` again", tenant, ErrWrongKey)
	}
	credentials := Credentials{
		Username: c.Username, Password: c.Password, APIKey: c.APIKey,
		ClientSecret: c.ClientSecret, RefreshToken: c.RefreshToken, PrivateKey: c.PrivateKey,
	}
	for _, h := range c.Hooks {
		credentials.Hooks = append(credentials.Hooks, Hook(h))
	}
	return credentials, nil
}

// Close releases the key.
func (k *Keeper) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.key == nil {
		return nil
	}
	if err := k.key.Close(); err != nil {
		return fmt.Errorf("close the key: %w", err)
	}
	return nil
}
