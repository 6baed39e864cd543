package gitlab

import (
	"errors"
	"net"
	"regexp"
	"strings"
	"unicode"
)

// retold is text that the server sent, fit for one line of a message. Error bodies
// repeat requests, settings and rows of databases, and proxies echo headers: what
// may be a secret in them is left out.
func retold(s string) string { return clip(masked(s)) }

// causeWords is the message of an error, of which a server may have written a part.
func causeWords(err error) string {
	text := plainCause(err)
	var op *net.OpError
	var dns *net.DNSError
	if isTLS(err) || errors.As(err, &op) || errors.As(err, &dns) {
		return clip(text) // names of hosts and certificates look like secrets and are none
	}
	return retold(text)
}

// What may be a secret, with what is shown in its place.
var maskings = []struct {
	looks *regexp.Regexp
	shown string
}{
	{regexp.MustCompile(`://[^/\s@]*@`), "://…@"},
	{regexp.MustCompile(`([?&][\w.%\[\]-]+=)[^&\s"'<>]+`), "${1}…"},
	{regexp.MustCompile(`(?i)((?:password|passwd|secret|token|key|authorization|cookie|session)["']?\s*(?:=>?|":)\s*)["']?[^\s"',;<>]+["']?`), "${1}…"},
	// GitLab's own tokens, whatever is in them: https://docs.gitlab.com/security/tokens/#token-prefixes
	{regexp.MustCompile(`\b(?:gl[a-z]{1,8}-|GR1348941|eyJ)[\w.=-]{6,}`), "…"},
	{regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+[\w.+/=~-]{8,}`), "…"},
}

// word is what may be a secret if it mixes letters and digits.
var word = regexp.MustCompile(`[A-Za-z0-9_+=-]{16,}`)

func masked(s string) string {
	for _, m := range maskings {
		s = m.looks.ReplaceAllString(s, m.shown)
	}
	return word.ReplaceAllStringFunc(s, func(w string) string {
		if strings.ContainsFunc(w, unicode.IsDigit) && strings.ContainsFunc(w, unicode.IsLetter) {
			return "…"
		}
		return w
	})
}
