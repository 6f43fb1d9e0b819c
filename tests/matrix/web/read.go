// read KEYS ISSUER AUDIENCE: as Go's library golang-jwt reads the token on
// standard input. KEYS is the URL of the issuer's key set. Prints the subject,
// or why not.
package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"strings"

	"github.com/golang-jwt/jwt"
)

type jwk struct {
	Kty, Kid, N, E, X, Y string
}

func octets(text string) []byte {
	value, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return value
}

func number(text string) *big.Int {
	return new(big.Int).SetBytes(octets(text))
}

// The library leaves key sets to others. A key of the wrong type for the
// token's algorithm it refuses by itself.
func (key jwk) public() (interface{}, error) {
	switch key.Kty {
	case "OKP":
		return ed25519.PublicKey(octets(key.X)), nil
	case "EC":
		return &ecdsa.PublicKey{Curve: elliptic.P256(),
			X: number(key.X), Y: number(key.Y)}, nil
	case "RSA":
		return &rsa.PublicKey{N: number(key.N),
			E: int(number(key.E).Int64())}, nil
	}
	return nil, errors.New("no such type of key")
}

func read(url, issuer, audience, token string) (interface{}, error) {
	var set struct{ Keys []jwk }
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if err = json.NewDecoder(answer.Body).Decode(&set); err != nil {
		return nil, err
	}
	claims := jwt.MapClaims{}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"EdDSA", "ES256", "RS256"}))
	_, err = parser.ParseWithClaims(token, claims,
		func(token *jwt.Token) (interface{}, error) {
			for _, key := range set.Keys {
				if key.Kid == token.Header["kid"] {
					return key.public()
				}
			}
			return nil, errors.New("no such key")
		})
	if err != nil {
		return nil, err
	}
	if !claims.VerifyIssuer(issuer, true) {
		return nil, errors.New("another issuer")
	}
	if !claims.VerifyAudience(audience, true) {
		return nil, errors.New("another audience")
	}
	return claims["sub"], nil
}

func main() {
	token, _ := io.ReadAll(os.Stdin)
	subject, err := read(os.Args[1], os.Args[2], os.Args[3],
		strings.TrimSpace(string(token)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(subject)
}
