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
		Short: "Erase one person's data, and keep them out",
		Long: `Erases one person's data of a tenant: from the members, the values of the audit, and the rows,
issues and plans of all runs, previews too. The audit keeps ids and names of fields, and gets a
row ` + "`erased`" + ` for those who follow it. Members who had the person as their manager lose that email.
PERSON is an email (any that the person ever had here), an external id or a member's id.

From then on the person is kept out: rows of theirs are counted and listed (code ` + "`erased`" + `, with
the row's number alone), and nothing of them is stored. Keyed hashes of their external ids and
emails recognise them, until --lift: the next sync may then add them as a new member. If a sync is
under way, the erasure waits for it, up to ten minutes; then that sync fails and the next one does
its work.

Not searched: reasons and notes that operators wrote, and your backups.`,
		Example: `  starter erase acme ada@example.com --by jo --reason "request 4711"
  starter erase acme E10042 --yes
  starter erase acme ada@example.com --lift
  starter erase acme --list`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			flags.tenant = args[0]
			if flags.list != (len(args) == 1) || flags.list && flags.lift {
				return usagef("name one person, or ask with --list how many are kept out")
			}
			if !flags.list {
				flags.person = args[1]
			}
			return a.erase(command.Context(), flags)
		},
	}
	command.Flags().StringVar(&flags.by, "by", "", "who asks (default: the name in $USER)")
	command.Flags().StringVar(&flags.why, "reason", "", "why; don't name the person")
	command.Flags().BoolVar(&flags.yes, "yes", false, "don't ask")
	command.Flags().BoolVar(&flags.lift, "lift", false, "let the person come back")
	command.Flags().BoolVar(&flags.list, "list", false, "how many are kept out")
	return command
}

func (a *app) erase(ctx context.Context, flags eraseFlags) error {
	db, err := a.known(ctx, flags.tenant)
	switch {
	case err != nil:
		return err
	case flags.list:
		return a.listErased(ctx, flags.tenant)
	case flags.lift:
		return a.liftErasure(ctx, flags)
	}
	if id, err := uuid.Parse(flags.person); err == nil { // the request of an erasure that isn't done
		if e, err := db.Erasure(ctx, flags.tenant, id); err == nil && e.Subject != nil {
			return a.playErasure(ctx, flags.tenant, func(c control.Control) (control.Erased, error) {
				return c.ResumeErasure(ctx, flags.tenant, id)
			})
		}
	}
	subject, shared, err := a.subject(ctx, flags)
	if err != nil {
		return err
	}
	if err := a.confirmErasure(flags, subject, shared); err != nil {
		return err
	}
	return a.playErasure(ctx, flags.tenant, func(c control.Control) (control.Erased, error) {
		return c.Erase(ctx, a.asked(flags.tenant, flags.by, flags.why), subject)
	})
}

// subject finds the person to be erased. shared counts emails that are another member's by now: those stay.
func (a *app) subject(ctx context.Context, flags eraseFlags) (subject erasure.Subject, shared int, err error) {
	who, err := person.Find(ctx, a.db, flags.tenant, flags.person)
	if err != nil {
		return subject, 0, err
	}
	if len(who.Members) > 1 {
		ids := make([]string, len(who.Members))
		for i, m := range who.Members {
			ids[i] = m.ID.String()
		}
		return subject, 0, &ending{exitUsage, fmt.Errorf("%d members were known by that: name one by its member id, of %s",
			len(ids), strings.Join(ids, ", "))}
	}
	if err := a.checkUnmentioned(ctx, flags.tenant, who); err != nil {
		return subject, 0, err
	}
	return who.Subject(ctx, a.db, flags.tenant, flags.person)
}

// checkUnmentioned refuses to erase a person whom tenants.yaml names: the settings would keep the name, and a sentinel
// would be missing.
func (a *app) checkUnmentioned(ctx context.Context, id string, who *person.Person) error {
	now, _, err := settings.Of(ctx, a.db, id)
	if err != nil {
		return err
	}
	var entries []string
	for _, m := range who.Mentions(now) {
		entries = append(entries, m.Key)
	}
	if len(entries) == 0 {
		return nil
	}
	return &ending{exitUsage, fmt.Errorf("tenants.yaml names them, in %s: "+
		"take them out there first, and run `starter apply`", strings.Join(entries, ", "))}
}

// confirmErasure says what will be done, and asks.
func (a *app) confirmErasure(flags eraseFlags, subject erasure.Subject, shared int) error {
	var page strings.Builder
	if len(subject.Members) == 0 {
		fmt.Fprintf(&page, "Nobody is, or was, a member of %s by that. "+
			"They will be kept out, and taken out of what runs have kept.\n", flags.tenant)
	} else {
		fmt.Fprintf(&page, "Member %s of %s will be erased, and kept out by %s and %s.\n", subject.Members[0], flags.tenant,
			terminal.Count(len(subject.Emails), "email", "emails"),
			terminal.Count(len(subject.Externals), "external id", "external ids"))
	}
	if len(subject.Members) > 0 && len(subject.Emails)+len(subject.Externals) == 0 {
		page.WriteString("No email and no external id of theirs is known any more: they can't be known again.\n")
	}
	if shared > 0 {
		fmt.Fprintf(&page, "%s of theirs is somebody else's by now, and stays.\n", terminal.Count(shared, "email", "emails"))
	}
	page.WriteString("It can't be taken back. " +
		"Reasons and notes that operators wrote, and your backups, aren't searched.\n")
	fmt.Fprint(a.errOut, page.String())
	if flags.yes {
		return nil
	}
	input, is := a.env.stdin.(*os.File)
	if !is || !isatty.IsTerminal(input.Fd()) {
		return usagef("nothing was done: there is nobody to ask, so say --yes")
	}
	fmt.Fprint(a.errOut, "Type yes to erase: ")
	answer, err := bufio.NewReader(input).ReadString('\n')
	if err != nil || strings.TrimSpace(answer) != "yes" {
		return errors.New("nothing was done")
	}
	return nil
}

// playErasure starts or resumes an erasure, and prints what it took out.
func (a *app) playErasure(
	ctx context.Context, tenant string, play func(control.Control) (control.Erased, error),
) error {
	c, err := a.control(ctx)
	if err != nil {
		return err
	}
	if busy, err := a.db.RunOpen(ctx, tenant); err != nil {
		return err
	} else if busy {
		fmt.Fprintf(a.errOut, "A sync of %s is under way: it is waited for, up to ten minutes.\n", tenant)
	}
	done, err := play(c)
	if err != nil {
		return err
	}
	return a.write(done, func() string {
		return fmt.Sprintf("%s: erased, and kept out from now on.\n"+
			"  %s, %s; no longer the manager of %d\n"+
			"  %s of what runs have kept rewritten\n",
			tenant, terminal.Count(done.Members, "member", "members"),
			terminal.Count(done.Memberships, "membership", "memberships"), done.Managers,
			terminal.Count(done.Chunks, "piece", "pieces"))
	})
}

// listErased counts the people who are kept out.
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
		text := fmt.Sprintf("%s: %s kept out\n", tenant, terminal.Count(count, "person", "people"))
		if undone > 0 {
			text += terminal.Count(undone, "erasure is", "erasures are") + " not done yet: look for Erase in the Web UI\n"
		}
		return text
	})
}

// liftErasure lets a person come back.
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
		return fmt.Errorf("%s keeps nobody out by that: "+
			"name the person by an email or external id that they had, or by the member's id", flags.tenant)
	}
	asked := a.asked(flags.tenant, flags.by, flags.why)
	asked.Verb = "lift"
	if _, err := request.Put(ctx, a.db, asked); err != nil {
		return err
	}
	line := struct {
		Tenant string `json:"tenant"`
		Lifted int    `json:"lifted"`
	}{flags.tenant, lifted}
	return a.write(line, func() string {
		return flags.tenant + ": lifted. The next sync may add the person, as somebody new.\n"
	})
}

// erasures returns those that keep a person out, found by the person's email or external id, or by the member's id in
// the audit.
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
