// Package shadowed holds examples for the errshadow analyzer.
package shadowed

import (
	"errors"
	"os"
)

func step() error                 { return errors.New("no") }
func value() (int, error)         { return 0, step() }
func log(...any)                  {}
func within(f func() error) error { return f() }

func lostInIf() error {
	_, err := value()
	if true {
		n, err := value() // want `err hides the one of line 15, which is read later`
		log(n, err)
	}
	return err
}

func lostInInit() error {
	var err error
	if err := step(); err != nil { // want `err hides the one of line 24`
		log(err)
	}
	return err
}

func lostForBareReturn() (n int, err error) {
	for range 3 {
		n, err := value() // want `err hides the one of line 31`
		log(n, err)
	}
	return
}

func lostByVar() error {
	failed := step()
	{
		var failed error = step() // want `failed hides the one of line 40`
		log(failed)
	}
	return failed
}

func lostThenWrapped() error {
	err := step()
	{
		err := step() // want `err hides the one of line 49`
		log(err)
	}
	err = errors.Join(err, step())
	return err
}

func leavesAtOnce() error {
	_, err := value()
	if err := step(); err != nil {
		return err
	}
	for range 3 {
		n, err := value()
		if err != nil {
			return err
		}
		log(n)
	}
	return err
}

func exits() error {
	_, err := value()
	if err := step(); err != nil {
		panic(err)
	}
	if err := step(); err != nil {
		os.Exit(1)
	}
	return err
}

func setAgain() error {
	_, err := value()
	log(err)
	{
		err := step()
		log(err)
	}
	err = step()
	return err
}

func notReadAgain() {
	_, err := value()
	log(err)
	{
		err := step()
		log(err)
	}
}

func ownFunction() error {
	err := within(func() error {
		n, err := value()
		log(n)
		return err
	})
	return err
}

func anotherType() error {
	err := step()
	{
		err := 1
		log(err)
	}
	return err
}
