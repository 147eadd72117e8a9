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

// ErrUnsealed says that sealed credentials can't be opened with the present key.
var ErrUnsealed = errors.New("the credentials can't be opened with the present key")

// Keeper seals credentials and opens them again; it is safe for concurrent use. Opening what was sealed for one tenant as another's fails.
type Keeper struct {
	keyFile string // where the local key is; "" when a key service is used

	once sync.Mutex // guards key until it is there
	key  *secrets.Keeper
}

// contents is what is sealed.
type contents struct {
	Tenant   string `json:"tenant"`
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`
	APIKey   string `json:"api_key,omitempty"`
	Hooks    []hook `json:"hooks,omitempty"`
}

// hook is a Hook that can be written: only into what is sealed.
type hook struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	Secret string `json:"secret,omitempty"`
}

// OpenKeeper opens the key that secretsURL names, or when it is empty the local key file in home, which is made on
// first Seal. The driver of a key service must have been imported (see drivers).
func OpenKeeper(ctx context.Context, secretsURL, home string) (*Keeper, error) {
	if secretsURL == "" {
		return &Keeper{keyFile: filepath.Join(home, keyFileName)}, nil
	}
	key, err := secrets.OpenKeeper(ctx, secretsURL)
	if err != nil {
		scheme, _, _ := strings.Cut(secretsURL, "://")
		if scheme == localsecrets.Scheme {
			return nil, errors.New("ROLLCALL_SECRETS_URL: after base64key:// comes a key of 32 bytes in URL-safe base64") // err holds the key
		}
		return nil, fmt.Errorf("open the key service of ROLLCALL_SECRETS_URL (%s): %w", scheme, err)
	}
	return &Keeper{key: key}, nil
}

// Seal encrypts a tenant's credentials. Each call gives other bytes.
func (k *Keeper) Seal(ctx context.Context, tenant string, c Credentials) ([]byte, error) {
	key, err := k.ready(true)
	if err != nil {
		return nil, fmt.Errorf("seal credentials of %s: %w", tenant, err)
	}
	sealing := contents{Tenant: tenant, Username: c.Username, Password: c.Password, APIKey: c.APIKey}
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

// Open decrypts what Seal made for the same tenant. A key that is missing or another one is ErrUnsealed; any other
// error may pass (a key service that doesn't answer).
func (k *Keeper) Open(ctx context.Context, tenant string, sealed []byte) (Credentials, error) {
	key, err := k.ready(false)
	if err != nil {
		return Credentials{}, fmt.Errorf("open credentials of %s: %w", tenant, err)
	}
	plain, err := key.Decrypt(ctx, sealed)
	if err != nil && k.keyFile != "" {
		return Credentials{}, fmt.Errorf("open credentials of %s: %w: %s is not the key they were sealed with; "+
			"put the old file back, or run `starter apply` again", tenant, ErrUnsealed, k.keyFile)
	}
	if err != nil {
		return Credentials{}, fmt.Errorf("open credentials of %s: %w", tenant, err)
	}
	var c contents
	if err := json.Unmarshal(plain, &c); err != nil || c.Tenant != tenant {
		return Credentials{}, fmt.Errorf("open credentials of %s: %w: they were sealed for another tenant; "+
			"run `starter apply` again", tenant, ErrUnsealed)
	}
	credentials := Credentials{Username: c.Username, Password: c.Password, APIKey: c.APIKey}
	for _, h := range c.Hooks {
		credentials.Hooks = append(credentials.Hooks, Hook(h))
	}
	return credentials, nil
}

// Close releases the key.
func (k *Keeper) Close() error {
	k.once.Lock()
	defer k.once.Unlock()
	if k.key == nil {
		return nil
	}
	if err := k.key.Close(); err != nil {
		return fmt.Errorf("close the key: %w", err)
	}
	return nil
}
