package tenant

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
)

// byVariable says how secrets are written.
const byVariable = "as ${NAME} of an environment variable"

// access reads what the reports are read with: user name and password, or an API client.
func (s *section) access(t *Tenant) {
	oauth, is := s.child("oauth")
	if !is {
		t.Credentials.Username = s.expanded("username", "the integration system user who may read the reports, or add oauth")
		t.Credentials.Password = s.expanded("password", byVariable)
		return
	}
	for _, key := range []string{"username", "password"} {
		if _, both := s.lookup(key); both {
			s.reject(key, "remove it, or remove oauth: reports are read with one of the two")
		}
	}
	t.Workday.OAuth = oauth.oauth(&t.Credentials)
	oauth.done()
}

// oauth reads an API client, with a refresh token or with a private key.
func (s *section) oauth(secrets *Credentials) *OAuth {
	client := &OAuth{
		TokenURL: s.address("token_url", "the Token Endpoint that Workday shows under View API Clients", "a secret", ""),
		ClientID: s.expanded("client_id", "the client id that Workday shows under View API Clients"),
	}
	_, signs := s.lookup("private_key")
	if _, names := s.lookup("subject"); !signs && !names {
		secrets.ClientSecret = s.expanded("client_secret", byVariable)
		secrets.RefreshToken = s.expanded("refresh_token", byVariable+", or use private_key and subject")
		return client
	}
	for _, key := range []string{"client_secret", "refresh_token"} {
		if _, both := s.lookup(key); both {
			s.reject(key, "remove it, or remove private_key and subject: an API client has one kind of grant")
		}
	}
	client.Subject = s.expanded("subject", "the name of the integration system user")
	secrets.PrivateKey = s.expanded("private_key", byVariable)
	if secrets.PrivateKey != "" && !isRSAKey(secrets.PrivateKey) {
		s.reject("private_key", "write an RSA key as PEM, beginning with -----BEGIN PRIVATE KEY-----, without a passphrase")
	}
	return client
}

// isRSAKey reports whether text is the PEM of a private RSA key.
func isRSAKey(text string) bool {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return false
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return true
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	_, rsaKey := key.(*rsa.PrivateKey)
	return err == nil && rsaKey
}
