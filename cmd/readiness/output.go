package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile writes a file that only its owner may read. It is written under a
// temporary name beside its place and renamed, so that a file is whole or not
// there.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, takesNone(filepath.Dir(path), err))
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
	if err := makeFolder("--out", dir); err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return usagef("--out: %w", takesNone(dir, err))
	}
	probe.Close()
	return os.Remove(probe.Name())
}

// makeFolder makes the folder that a flag names, if it is not there.
func makeFolder(flag, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return usagef("%s: the folder %s cannot be made (%w): mend that, or name another", flag, dir, err)
	}
	return nil
}

// takesNone is the error of a folder in which no file could be made. The name that
// was tried is a temporary one and says nothing.
func takesNone(dir string, err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err
	}
	return fmt.Errorf("the folder %s takes no new file (%w): mend that, or name another", dir, err)
}
