package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
)

// maxToken is far above any token GitLab makes (routable tokens have some 300
// characters) and far below a file given by mistake.
const maxToken = 4096

// readToken finds the token: in the file if one is named ("-": standard input),
// else in GITLAB_TOKEN, else on standard input if something is piped in. It is
// never taken from the command line, which other users of the host can read.
func readToken(file string, env environment) (string, error) {
	switch {
	case file != "" && file != "-":
		f, err := os.Open(file)
		if err != nil {
			return "", usagef("--token-file: %w", err)
		}
		defer f.Close()
		return cleanToken(f, "--token-file "+file)
	case file == "-":
		return cleanToken(env.stdin, "standard input")
	case env.getenv("GITLAB_TOKEN") != "":
		return cleanToken(strings.NewReader(env.getenv("GITLAB_TOKEN")), "GITLAB_TOKEN")
	case !env.stdinTerminal && env.stdin != nil:
		return cleanToken(env.stdin, "standard input")
	}
	return "", usagef("no token: set GITLAB_TOKEN, name a --token-file, or pipe the token in")
}

func cleanToken(r io.Reader, from string) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxToken+1))
	if err != nil {
		return "", usagef("read the token from %s: %w", from, err)
	}
	token := string(bytes.TrimSpace(b))
	var problem string
	switch {
	case token == "":
		problem = "it is empty"
	case len(b) > maxToken:
		problem = fmt.Sprintf("it is longer than %d bytes", maxToken)
	case strings.ContainsFunc(token, func(r rune) bool { return unicode.IsSpace(r) || r < '!' || r > '~' }):
		problem = "it holds spaces or characters that no token has"
	default:
		return token, nil
	}
	return "", usagef("no token in %s: %s; set GITLAB_TOKEN, name a --token-file, or pipe the token in", from, problem)
}
