// Reads a compose file as Docker Compose does, with its own loader: the schema of the Compose
// specification, interpolation, merges, and whether everything that is named exists.
//
//	compose-go PROFILE FILE
//
// Prints the whole project as JSON.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(profile string, file string) error {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithProfiles([]string{profile}))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	printed, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(printed)
	return err
}
