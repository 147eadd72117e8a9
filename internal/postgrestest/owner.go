package postgrestest

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// debianUser is the user that Debian's package creates. PostgreSQL refuses to run as root.
const debianUser = "postgres"

// serverUser returns the user of the server's processes: the current user, or debianUser if that is root.
func serverUser() (*syscall.SysProcAttr, error) {
	uid, gid, err := debianUserIDs()
	if err != nil || uid < 0 {
		return &syscall.SysProcAttr{}, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// chown changes the owner of files to the server's user.
func (c *cluster) chown(paths ...string) error {
	uid, gid, err := debianUserIDs()
	if err != nil || uid < 0 {
		return err
	}
	for _, path := range paths {
		if err := os.Chown(path, uid, gid); err != nil {
			return fmt.Errorf("change the owner of a file: %w", err)
		}
	}
	return nil
}

// debianUserIDs returns the ids of debianUser if the current user is root, otherwise -1.
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
