package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"readiness/scan"
	"readiness/scan/gitlab"
)

// connectionFlags say how the source is connected to, and as whom besides the
// token.
type connectionFlags struct {
	caFile, clientCert, clientKey string
	insecure                      bool
	contact, requestLog           string
	secrets                       bool

	log *requestLog // nil: none was asked for, or it is not open
}

func (f *connectionFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.caFile, "ca-file", "", "PEM `file` with certificate authorities to trust besides the system's")
	flags.StringVar(&f.clientCert, "client-cert", "", "PEM `file` with the certificate that this client shows the source")
	flags.StringVar(&f.clientKey, "client-key", "", "PEM `file` with the key of --client-cert")
	flags.BoolVar(&f.insecure, "insecure-skip-verify", false, "do not verify certificates: whoever stands in between can read the token and make up answers; every report says so")
	flags.StringVar(&f.contact, "contact", "", "whom the source's administrators can ask about the scan, e.g. an e-mail `address`; named in the User-Agent of every request")
	flags.StringVar(&f.requestLog, "request-log", "", "`file` to append a line to for every request: time, method, path, status")
	flags.BoolVar(&f.secrets, "allow-secret-endpoints", false, "allow lists in REST whose answers carry secret values, where GraphQL does not tell: "+strings.Join(gitlab.SecretEndpoints(), ", ")+"; the values are not kept, and Enterprise Edition notes that they were read")
}

// maxContact is the longest contact that is put into the User-Agent, in bytes.
const maxContact = 120

// check refuses what is wrong with the flags, before anything is asked.
func (f *connectionFlags) check() error {
	switch {
	case (f.clientCert == "") != (f.clientKey == ""):
		return usagef("--client-cert and --client-key: give both, or neither")
	case len(f.contact) > maxContact:
		return usagef("--contact: it is longer than %d bytes: give an e-mail address or the URL of a page", maxContact)
	case strings.ContainsFunc(f.contact, func(r rune) bool { return r < ' ' || r > '~' || r == '(' || r == ')' }):
		return usagef("--contact: %.60q has characters that no User-Agent may: give an e-mail address or the URL of a page", f.contact)
	}
	return nil
}

// agent is the User-Agent of every request.
func (f *connectionFlags) agent() string {
	if f.contact == "" {
		return "readiness/" + version
	}
	return "readiness/" + version + " (contact: " + f.contact + ")"
}

// apply sets what the flags say of connections. Client certificates are the
// source's alone, and so are lists with secrets.
func (f *connectionFlags) apply(o gitlab.Options, source bool) gitlab.Options {
	o.CAFile, o.Insecure, o.UserAgent = f.caFile, f.insecure, f.agent()
	if source {
		o.ClientCert, o.ClientKey, o.SecretEndpoints = f.clientCert, f.clientKey, f.secrets
	}
	if f.log != nil {
		o.Sent = f.log.add
	}
	return o
}

// notes is what has to be known of all that is read this way.
func (f *connectionFlags) notes() []scan.Note {
	if f.insecure {
		return []scan.Note{scan.NoteUnverified}
	}
	return nil
}

// open opens the log of requests, if one was asked for, and warns of what is not
// verified. The function it returns closes the log and tells if it is not whole.
func (f *connectionFlags) open(env environment) (done func(), err error) {
	if f.insecure {
		fmt.Fprintln(env.stderr, "readiness: warning: certificates are not verified (--insecure-skip-verify): whoever stands in between can read the token and make up answers")
	}
	if f.requestLog == "" {
		return func() {}, nil
	}
	file, err := os.OpenFile(f.requestLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, usagef("--request-log: %w", err)
	}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() { // it may be older than this program
		if err := file.Chmod(0o600); err != nil {
			return nil, usagef("--request-log: %w", errors.Join(err, file.Close()))
		}
	}
	f.log = &requestLog{w: file}
	return func() {
		if err := f.log.close(); err != nil {
			fmt.Fprintf(env.stderr, "readiness: --request-log: it is not whole: %s\n", oneLine(err.Error()))
		}
	}, nil
}

// requestLog writes a line for every request.
type requestLog struct {
	mu  sync.Mutex
	w   io.WriteCloser
	err error // the first; nothing is written after it
}

func (l *requestLog) add(e gitlab.Exchange) {
	status := "-" // no answer came
	if e.Status != 0 {
		status = fmt.Sprint(e.Status)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, "%s\t%s\t%s\t%s\t%s\n", e.Begun.UTC().Format("2006-01-02T15:04:05.000Z"), e.Method, e.Address, status, e.Took.Round(time.Millisecond))
	}
}

func (l *requestLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.w.Close(); l.err == nil {
		l.err = err
	}
	return l.err
}
