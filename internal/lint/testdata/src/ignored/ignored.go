// Package ignored holds examples for ignore comments.
package ignored

import "errors"

func step() error { return errors.New("no") }

func log(error) {}

func silenced() error {
	err := step()
	{
		//lint:ignore errshadow,errcheck the outer one is what the caller wants
		err := step()
		log(err)
	}
	{
		err := step() //lint:ignore errshadow likewise
		log(err)
	}
	return err
}

func withoutReason() error {
	err := step()
	{
		//lint:ignore errshadow
		err := step() // want `err hides .* \(errshadow\)$`
		log(err)
	}
	return err
}

func ofAnother() error {
	err := step()
	{
		//lint:ignore errcheck the outer one is what the caller wants
		err := step() // want `err hides .* \(errshadow\)$`
		log(err)
	}
	return err
}
