package postgrestest

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// account is the user that Debian's package makes. PostgreSQL refuses to run as root.
const debianUser = "postgres"

// owner is who the server's processes run as: ourselves, but for root.
func serverUser() (*syscall.SysProcAttr, error) {
	uid, gid, err := debianUserIDs()
	if err != nil || uid < 0 {
		return &syscall.SysProcAttr{}, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// give makes files the server's own.
func (c *cluster) chown(paths ...string) error {
	uid, gid, err := debianUserIDs()
	if err != nil || uid < 0 {
		return err
	}
	for _, path := range paths {
		if err := os.Chown(path, uid, gid); err != nil {
			return fmt.Errorf("give a file to PostgreSQL: %w", err)
		}
	}
	return nil
}

// ids are the account's when we are root, -1 when we aren't.
func debianUserIDs() (uid, gid int, err error) {
	if os.Geteuid() != 0 {
		return -1, -1, nil
	}
	found, err := user.Lookup(debianUser)
	if err != nil {
		return 0, 0, fmt.Errorf("PostgreSQL doesn't run as root: %w", err)
	}
	if uid, err = strconv.Atoi(found.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(found.Gid)
	return uid, gid, err
}
