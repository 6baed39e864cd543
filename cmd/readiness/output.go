package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeFile writes a file that only its owner may read. It is written under a
// temporary name beside its place and renamed, so that a file is whole or not
// there.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// prepareFolder makes the folder and proves that it can be written to, before
// anything is asked of the source.
func prepareFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return usagef("--out: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return usagef("--out: the folder cannot be written to: %w", err)
	}
	probe.Close()
	return os.Remove(probe.Name())
}
