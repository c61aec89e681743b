package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/yamlx"
	"github.com/rightseat/rightseat/pipelines"
)

// forgetFlags say what to forget beside a connection.
type forgetFlags struct {
	person, before string
	yes            bool
}

func (a *app) forgetCommand() *cobra.Command {
	var f forgetFlags
	cmd := &cobra.Command{
		Use:   "forget {CONNECTION | --person WHO | --before DATE}",
		Short: "Delete what a connection brought, a person, or what is old",
		Long: `Deletes raw data for good and publishes anew, as if it had never been.

CONNECTION: everything it brought; every date falls back to what the other sources say. To stop reading but keep the
history, set disconnected_on in the configuration instead.

--person (address, person_id or a source's id): all that names the person by any of their identifiers, which are shown
first. A record that names them is erased whole, such as a meeting or a group's list; only where it names them as
somebody's manager, that alone is taken out. Files of your own are not touched: those that still name them are listed.
Unless they are gone from the sources too, the next run reads them again.

--before: events before the date, and snapshots but for the last that the date still leans on. Reports begin then.

Past reports below rebuilt/ are removed; build them again. Backups are yours to mind.`,
		Example: "  rightseat forget zoom\n  rightseat forget --person ann@acme.example\n  rightseat forget --before 2024-01-01 --yes",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			given := len(args)
			for _, flag := range []string{f.person, f.before} {
				if flag != "" {
					given++
				}
			}
			if given != 1 {
				return pipelines.Usagef("say what to forget: a connection, --person or --before; usage: %s %s", program(), cmd.Use)
			}
			r, err := a.open(config.WithoutSecrets())
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return a.erase(cmd.Context(), r, f)
			}
			name := args[0]
			if err := a.knownData(r, name); err != nil {
				return err
			}
			if !f.yes {
				if err := a.confirm("everything that "+name+" brought", "its name", name); err != nil {
					return err
				}
			}
			return a.finishRun(cmd.Context(), r, pipelines.Request{
				Command: "forget", Forget: name, Transform: true, Load: true, FullRefresh: true,
			})
		},
	}
	cmd.Flags().StringVar(&f.person, "person", "", "erase `WHO`: an address, a person_id or a source's id")
	cmd.Flags().StringVar(&f.before, "before", "", "erase what is older than `DATE` (YYYY-MM-DD)")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	return cmd
}

// erase forgets a person or what is old.
func (a *app) erase(ctx context.Context, r *pipelines.Runner, f forgetFlags) error {
	req := pipelines.Request{Command: "forget", Transform: true, Load: true, FullRefresh: true}
	var what string
	if f.before != "" {
		if err := a.checkBefore(r, f.before); err != nil {
			return err
		}
		what = "all events, and the snapshots that nothing leans on any more, before " + f.before
		req.Erase = &pipelines.Erasure{Before: f.before}
	} else {
		ids, err := a.identifiers(ctx, r, f.person)
		if err != nil {
			return err
		}
		if ids != nil {
			a.note("Known as:\n  %s", strings.Join(ids, "\n  "))
			req.Erase = &pipelines.Erasure{Identifiers: ids}
		}
		what = "every record that holds one of these"
	}
	if !f.yes && req.Erase != nil {
		if err := a.confirm(what, "it", f.person+f.before); err != nil {
			return err
		}
	}
	err := a.finishRun(ctx, r, req)
	var incomplete exitError
	if req.Erase == nil || err != nil && !errors.As(err, &incomplete) {
		return err
	}
	own, ownErr := pipelines.OwnFilesNaming(r.Config.Workspace, req.Erase.Identifiers)
	if len(own) > 0 {
		a.note("These files of yours still name the person; take it out of them, or the next run may read it again:\n  %s", strings.Join(own, "\n  "))
	}
	return errors.Join(err, ownErr)
}

// identifiers are those of the person to erase. An address that the warehouse does not know stands for itself: it may be
// in rows that were set aside. nil: the erasure was begun, and the warehouse names the person no more.
func (a *app) identifiers(ctx context.Context, r *pipelines.Runner, who string) ([]string, error) {
	db, err := openWarehouse(ctx, r.Config)
	if err != nil {
		return nil, err
	}
	ids, err := pipelines.PersonIdentifiers(ctx, db, who)
	err = errors.Join(err, db.Close())
	if err == nil {
		return ids, nil
	}
	var usage *pipelines.UsageError
	if !errors.As(err, &usage) {
		return nil, err
	}
	pending, pendingErr := pipelines.PendingErasure(r.Config.Workspace)
	if pendingErr != nil || pending != nil && slices.Contains(pending.Identifiers, strings.ToLower(strings.TrimSpace(who))) {
		return nil, pendingErr
	}
	if local, domain, ok := strings.Cut(who, "@"); ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(who, " \t") {
		a.note("The warehouse names nobody by this address; it is looked for all the same.")
		return []string{strings.ToLower(who)}, nil
	}
	return nil, err
}

func (a *app) checkBefore(r *pipelines.Runner, date string) error {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return pipelines.Usagef("--before %q is not a date: write it as YYYY-MM-DD", date)
	}
	if today := r.Clock.Now().In(r.Config.Organisation.Timezone).Format(time.DateOnly); date > today {
		return pipelines.Usagef("--before %s is in the future: today is %s", date, today)
	}
	return nil
}

// knownData refuses a name that neither the lake nor the configuration has.
func (a *app) knownData(r *pipelines.Runner, name string) error {
	names, err := r.Lake.Connections()
	if err != nil {
		return err
	}
	known, err := lake.ReadHeads(lake.HeadsPath(r.Config.Workspace))
	if err != nil {
		return err
	}
	for stream := range known {
		if c, _, _ := strings.Cut(stream, "/"); !slices.Contains(names, c) {
			names = append(names, c)
		}
	}
	for _, c := range r.Config.Connections {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	if !slices.Contains(names, name) {
		return pipelines.Usagef("there is no connection %q%s", name, yamlx.Hint(name, names))
	}
	return nil
}

// confirm has the person type a word.
func (a *app) confirm(what, its, word string) error {
	if !a.terminal(a.stdin) {
		return pipelines.Usagef("forget deletes data for good and asks before it does; where nobody can answer, say --yes")
	}
	a.note("This deletes %s, for good. Type %s to go on (%s):", what, its, word)
	line, err := bufio.NewReader(a.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", err)
	}
	if strings.TrimSpace(line) != word {
		return errors.New("not confirmed; nothing was deleted")
	}
	return nil
}
