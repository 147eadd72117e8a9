package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/google/uuid"
	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/person"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/settings"
	"github.com/rollcall/rollcall/internal/terminal"
)

// eraseFlags are the arguments and flags of erase.
type eraseFlags struct {
	tenant, person string
	by, why        string
	yes            bool
	lift, list     bool
}

func newErase(a *app) *cobra.Command {
	var flags eraseFlags
	command := &cobra.Command{
		Use:   "erase TENANT PERSON",
		Short: "Erase one person's data, and ignore the person in later syncs",
		Long: `Erases one person's data of a tenant: the member, the values in the audit, and the rows, issues and
plans of all runs and previews. The audit keeps ids and field names, and gets an entry ` + "`erased`" + `.
Members whose manager the person was lose that email. PERSON is an email, an external id or a
member id. An email that the person had earlier works too.

Later syncs ignore the person. They count and report the person's rows with the code ` + "`erased`" + ` and
the row number only, and store none of the data. Keyed hashes of the external ids and emails
recognise the person. After --lift, the next sync may add the person as a new member. If a sync is
open, the erasure waits for it for up to ten minutes. Then that sync fails, and the next one does
its work.

Reasons and notes that operators wrote, and your backups, are not searched.`,
		Example: `  starter erase acme ada@example.com --by jo --reason "request 4711"
  starter erase acme E10042 --yes
  starter erase acme ada@example.com --lift
  starter erase acme --list`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			flags.tenant = args[0]
			if flags.list != (len(args) == 1) || flags.list && flags.lift {
				return usagef("name one person, or use --list to count the erased people")
			}
			if err := checkGivenBy(command, flags.by); err != nil {
				return err
			}
			if !flags.list {
				flags.person = args[1]
			}
			return a.erase(command.Context(), flags)
		},
	}
	command.Flags().StringVar(&flags.by, "by", "", "who requests it (default: the name in $USER)")
	command.Flags().StringVar(&flags.why, "reason", "", "why; don't name the person")
	command.Flags().BoolVar(&flags.yes, "yes", false, "do not ask for confirmation")
	command.Flags().BoolVar(&flags.lift, "lift", false, "let syncs add the person again")
	command.Flags().BoolVar(&flags.list, "list", false, "count the erased people")
	return command
}

func (a *app) erase(ctx context.Context, flags eraseFlags) error {
	db, err := a.tenantStore(ctx, flags.tenant)
	switch {
	case err != nil:
		return err
	case flags.list:
		return a.listErased(ctx, flags.tenant)
	case flags.lift:
		return a.liftErasure(ctx, flags)
	}
	if id, err := uuid.Parse(flags.person); err == nil { // it may be the request of an unfinished erasure
		e, err := db.Erasure(ctx, flags.tenant, id)
		if err != nil && !errors.Is(err, ledger.ErrNotFound) {
			return fmt.Errorf("erasure %s: %w", id, err)
		}
		if err == nil && e.Subject != nil {
			return a.runErasure(ctx, flags.tenant, func(c control.Control) (control.Erased, error) {
				return c.ResumeErasure(ctx, flags.tenant, id)
			})
		}
	}
	subject, shared, err := a.findSubject(ctx, flags)
	if err != nil {
		return err
	}
	if err := a.confirmErasure(flags, subject, shared); err != nil {
		return err
	}
	return a.runErasure(ctx, flags.tenant, func(c control.Control) (control.Erased, error) {
		return c.Erase(ctx, a.newRequest(flags.tenant, flags.by, flags.why), subject)
	})
}

// findSubject finds the person to erase. shared counts the person's former emails that another member has now. They
// stay.
func (a *app) findSubject(ctx context.Context, flags eraseFlags) (subject erasure.Subject, shared int, err error) {
	found, err := person.Find(ctx, a.db, flags.tenant, flags.person)
	if err != nil {
		return subject, 0, err
	}
	if len(found.Members) > 1 {
		ids := make([]string, len(found.Members))
		for i, m := range found.Members {
			ids[i] = m.ID.String()
		}
		return subject, 0, &exitError{exitUsage, fmt.Errorf("%d members match: name one by its member id: %s",
			len(ids), strings.Join(ids, ", "))}
	}
	if err := a.checkNotInSettings(ctx, flags.tenant, found); err != nil {
		return subject, 0, err
	}
	return found.Subject(ctx, a.db, flags.tenant, flags.person)
}

// checkNotInSettings returns an error if tenants.yaml names the person. The settings would keep the name, and a missing
// sentinel would stop every sync.
func (a *app) checkNotInSettings(ctx context.Context, id string, p *person.Person) error {
	now, _, err := settings.Load(ctx, a.db, id)
	if err != nil {
		return err
	}
	var entries []string
	for _, m := range p.Mentions(now) {
		entries = append(entries, m.Key)
	}
	if len(entries) == 0 {
		return nil
	}
	return &exitError{exitUsage, fmt.Errorf("tenants.yaml names the person in %s: "+
		"remove these entries first, and run `starter apply`", strings.Join(entries, ", "))}
}

// confirmErasure says what the erasure will do and asks for confirmation.
func (a *app) confirmErasure(flags eraseFlags, subject erasure.Subject, shared int) error {
	var text strings.Builder
	if len(subject.Members) == 0 {
		fmt.Fprintf(&text, "No present or former member of %s matches. "+
			"The person will be erased from the stored data of runs, and later syncs will ignore the person.\n",
			flags.tenant)
	} else {
		fmt.Fprintf(&text, "Member %s of %s will be erased. Later syncs will ignore %s and %s.\n", subject.Members[0],
			flags.tenant,
			terminal.Count(len(subject.Emails), "email", "emails"),
			terminal.Count(len(subject.Externals), "external id", "external ids"))
	}
	if len(subject.Members) > 0 && len(subject.Emails)+len(subject.Externals) == 0 {
		text.WriteString("None of the member's emails and external ids is stored: syncs cannot recognise the person.\n")
	}
	if shared > 0 {
		fmt.Fprintf(&text, "%s of the person belongs to another member now, and stays.\n",
			terminal.Count(shared, "email", "emails"))
	}
	text.WriteString("This cannot be undone. " +
		"Reasons and notes that operators wrote, and your backups, are not searched.\n")
	fmt.Fprint(a.errOut, text.String())
	if flags.yes {
		return nil
	}
	input, ok := a.env.stdin.(*os.File)
	if !ok || !isatty.IsTerminal(input.Fd()) {
		return usagef("nothing was done: the standard input is no terminal, so confirm with --yes")
	}
	fmt.Fprint(a.errOut, "Type yes to erase: ")
	answer, err := bufio.NewReader(input).ReadString('\n')
	if err != nil || strings.TrimSpace(answer) != "yes" {
		return errors.New("nothing was done")
	}
	return nil
}

// runErasure starts or resumes an erasure, and prints what it erased.
func (a *app) runErasure(
	ctx context.Context, tenant string, start func(control.Control) (control.Erased, error),
) error {
	c, err := a.control(ctx)
	if err != nil {
		return err
	}
	if busy, err := a.db.RunOpen(ctx, tenant); err != nil {
		return err
	} else if busy {
		fmt.Fprintf(a.errOut, "A sync of %s is open: waiting for it, up to ten minutes.\n", tenant)
	}
	done, err := start(c)
	if err != nil {
		return err
	}
	return a.write(done, func() string {
		return fmt.Sprintf("%s: erased. Later syncs ignore the person.\n"+
			"  %s, %s; manager of %d\n"+
			"  %s of stored data rewritten\n",
			tenant, terminal.Count(done.Members, "member", "members"),
			terminal.Count(done.Memberships, "membership", "memberships"), done.Managers,
			terminal.Count(done.Chunks, "chunk", "chunks"))
	})
}

// listErased prints how many people are erased.
func (a *app) listErased(ctx context.Context, tenant string) error {
	count, undone, err := a.db.CountErasures(ctx, tenant)
	if err != nil {
		return err
	}
	line := struct {
		Tenant  string `json:"tenant"`
		KeptOut int    `json:"kept_out"`
		Undone  int    `json:"undone"`
	}{tenant, count, undone}
	return a.write(line, func() string {
		text := fmt.Sprintf("%s: %s erased\n", tenant, terminal.Count(count, "person", "people"))
		if undone > 0 {
			text += terminal.Count(undone, "erasure is", "erasures are") +
				" not finished: look for Erase workflows in the Web UI\n"
		}
		return text
	})
}

// liftErasure lets syncs add an erased person again.
func (a *app) liftErasure(ctx context.Context, flags eraseFlags) error {
	ids, err := a.erasures(ctx, flags)
	if err != nil {
		return err
	}
	lifted, err := a.db.LiftErasures(ctx, flags.tenant, ids)
	if err != nil {
		return err
	}
	if lifted == 0 {
		return fmt.Errorf("%s has no erasure that matches: "+
			"name the person by an email, an external id or the member id that was erased", flags.tenant)
	}
	req := a.newRequest(flags.tenant, flags.by, flags.why)
	req.Verb = "lift"
	if _, err := request.Put(ctx, a.db, req); err != nil {
		return err
	}
	line := struct {
		Tenant string `json:"tenant"`
		Lifted int    `json:"lifted"`
	}{flags.tenant, lifted}
	return a.write(line, func() string {
		return flags.tenant + ": lifted. The next sync may add the person as a new member.\n"
	})
}

// erasures returns the ids of a person's erasures. It finds them by email or external id, or by the member id in the
// audit.
func (a *app) erasures(ctx context.Context, flags eraseFlags) ([]uuid.UUID, error) {
	out, err := a.db.KeptOut(ctx, flags.tenant)
	if err != nil {
		return nil, err
	}
	email, external := person.Identity(flags.person)
	ids := out.FindPerson(external, email)
	if member, err := uuid.Parse(flags.person); err == nil {
		for c, err := range a.db.MemberChanges(ctx, flags.tenant, member) {
			if err != nil {
				return nil, err
			}
			if c.Op == plan.ErasedOp {
				ids = append(ids, c.Run)
			}
		}
	}
	return ids, nil
}
