package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"readiness/scan/gitlab"
	"readiness/scan/snapshot"
)

// destinationFlags say where the destination is read, and by which token.
type destinationFlags struct {
	url, tokenFile string
}

func (f *destinationFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.url, "destination-url", "", "base `URL` of the destination, to read its version, settings, seats and taken paths too; its token comes from GITLAB_DESTINATION_TOKEN or --destination-token-file")
	flags.StringVar(&f.tokenFile, "destination-token-file", "", "`file` that holds the token for the destination")
}

// token finds the destination's token, "" if no destination was named. It is its
// own: the source's is never sent there.
func (f *destinationFlags) token(env environment) (string, error) {
	switch {
	case f.url == "" && f.tokenFile != "":
		return "", usagef("--destination-token-file without --destination-url: name the destination")
	case f.url == "":
		return "", nil
	case f.tokenFile == "" && env.getenv("GITLAB_DESTINATION_TOKEN") == "" || f.tokenFile == "-":
		return "", usagef("no token for the destination: set GITLAB_DESTINATION_TOKEN or name a --destination-token-file")
	case f.tokenFile == "":
		return cleanToken(strings.NewReader(env.getenv("GITLAB_DESTINATION_TOKEN")), "GITLAB_DESTINATION_TOKEN")
	}
	token, err := readToken(f.tokenFile, env)
	if err != nil {
		return "", fmt.Errorf("for the destination: %w", err)
	}
	return token, nil
}

// open connects to the destination; nil if none was named.
func (f *destinationFlags) open(ctx context.Context, token string, connection *connectionFlags) (*gitlab.Source, error) {
	if f.url == "" {
		return nil, nil
	}
	d, err := gitlab.Open(ctx, connection.apply(gitlab.Options{BaseURL: f.url, Token: token, Workers: 2}, false))
	if err != nil {
		return nil, fmt.Errorf("open the destination: %w", sourceError(err))
	}
	return d, nil
}

// readDestination reads the destination and stores it in the snapshot.
func readDestination(ctx context.Context, env environment, d *gitlab.Source, parent, path string) error {
	fmt.Fprintln(env.stderr, "Reading the destination")
	s, err := snapshot.Open(path)
	if err != nil {
		return snapshotError(err)
	}
	read, err := d.Destination(ctx, parent, s.Users(), env.now())
	if err = errors.Join(err, s.Close()); err != nil {
		return fmt.Errorf("read the destination: %w; %s keeps what was read of the source", err, path)
	}
	return snapshot.PutDestination(ctx, path, read)
}
