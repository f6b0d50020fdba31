"""The files of working folders now, and their differences from an earlier moment. A folder is looked through once;
after that the kernel tells which names to look at again. Two kinds of folders are looked through each time: one
that was given with `--files`, as it may be on another machine, and one with more folders than the kernel watches."""

from __future__ import annotations

import asyncio
import os
import stat
from collections import OrderedDict
from pathlib import Path
from time import monotonic

from runner.bounds import limits

from . import inotify, program_file
from .folders import Workspace
from .manifest import ENTRIES_AT_ONCE, SKIPPED_FOLDERS, Entry, Manifest, Moment, is_text, opened, statuses


class Watches:
    """The watched folders of all workspaces; the least recently used give way."""

    def __init__(self) -> None:
        self._inotify = inotify.Inotify()
        self._holders: dict[int, FilesNow] = {}
        self._known: OrderedDict[Path, FilesNow] = OrderedDict()

    def files(self, workspace: Workspace) -> FilesNow:
        files = workspace.files
        if files not in self._known:
            self._known[files] = FilesNow(files, self if workspace.owns_files and self._inotify.is_there else None)
        self._known.move_to_end(files)
        while self._is_too_much():
            _, oldest = self._known.popitem(last=False)
            oldest.let_go()
        return self._known[files]

    def _is_too_much(self) -> bool:
        if len(self._known) > limits.WATCHED_WORKSPACES:
            return True
        return len(self._known) > 1 and sum(known.size for known in self._known.values()) > limits.WATCHED_ENTRIES

    def forget(self, files: Path) -> None:
        if known := self._known.pop(files, None):
            known.let_go()

    def watch(self, holder: FilesNow, folder: int) -> int:
        watch = self._inotify.watch(folder)
        self._holders[watch] = holder
        return watch

    def unwatch(self, holder: FilesNow, watch: int) -> None:
        """Ends a watch, unless another folder has it by now: a folder that was moved keeps its watch."""
        if self._holders.get(watch) is holder:
            del self._holders[watch]
            self._inotify.forget(watch)

    def hand_out(self) -> None:
        """Gives every event to its files."""
        for event in self._inotify.events():
            if event.what & inotify.OVERFLOW:
                for known in self._known.values():
                    known.is_stale = True
            elif holder := self._holders.get(event.watch):
                holder.take(event)


class FilesNow:
    """The regular files below one working folder."""

    def __init__(self, base: Path, watches: Watches | None) -> None:
        self._base = base
        self._watches = watches
        self._turn = asyncio.Lock()
        self._moments: set[Moment] = set()
        self.is_stale = True  # everything must be looked at
        self._forget_all()

    def _forget_all(self) -> None:
        self._found = Manifest()
        self._root: tuple[int, int] | None = None
        self._folders: dict[str, int] = {}  # the watches by path, with `/` at its end; the working folder is ``
        self._paths: dict[int, str] = {}  # the reverse
        self._others: set[str] = set()  # entries that are neither files nor folders that are looked into
        self._linked: set[str] = set()  # files with several names: an event about one is not told of the others
        self._dirty: set[str] = set()  # paths to be looked at again
        self._told = 0  # events about files of programs, of which each run makes one

    @property
    def size(self) -> int:
        return len(self._found.entries) + len(self._folders) + len(self._others)

    def let_go(self) -> None:
        """Ends all watches: later questions have everything looked at."""
        if self._watches:
            for watch in self._paths:
                self._watches.unwatch(self, watch)
        self._watches, self.is_stale = None, True

    async def now(self) -> Manifest:
        """The files now; they go on changing."""
        async with self._turn:
            await self._look()
            return self._found

    async def moment(self) -> Moment:
        """The files now, for a later comparison."""
        async with self._turn:
            await self._look()
            found = Manifest(self._found.entries.copy(), self._found.cut)
            moment = Moment(found, self._told)
            self._moments.add(moment)
            return moment

    def drop(self, moment: Moment) -> None:
        self._moments.discard(moment)

    async def since(self, moment: Moment) -> tuple[set[str], Manifest]:
        """The paths that may differ from then, and the files now."""
        async with self._turn:
            if self._watches:
                self._watches.hand_out()
            if self._told == moment.told:
                self.is_stale = True  # not even the program's own file was told: perhaps nothing is
            await self._look()
            touched = moment.touched
            if touched is None:
                touched = moment.manifest.entries.keys() | self._found.entries.keys()
            return touched, self._found

    def take(self, event: inotify.Event) -> None:
        """Notes the path of an event."""
        folder = self._paths.get(event.watch)
        if folder is None:
            return
        if event.name and not event.what & inotify.LOST:
            path = folder + event.name
            if not folder and program_file.NAME.fullmatch(path):
                self._told += 1
            else:
                self._dirty.add(path)
        elif folder:
            self._dirty.add(folder[:-1])
        else:
            self.is_stale = True
        if self.is_stale or len(self._dirty) > limits.WATCHED_NAMES:
            self.is_stale = True
            self._dirty.clear()

    async def _look(self) -> None:
        if self._watches:
            self._watches.hand_out()
        if self.is_stale or self._watches is None or self._root != _identity(self._base):
            await self._look_at_all()
            return
        dirty, self._dirty = self._dirty | self._linked, set()
        give_up = monotonic() + limits.SCAN_S
        inodes: set[int] = set()
        for looked, path in enumerate(sorted(dirty), 1):  # a folder comes before its entries
            await self._look_at(path, give_up, inodes)
            if looked % ENTRIES_AT_ONCE == 0:
                await asyncio.sleep(0)
        if inodes:
            for path in [path for path, entry in self._found.entries.items() if entry.inode in inodes]:
                await self._look_at(path, give_up, set())
        if self.is_stale or self.size > limits.SCAN_ENTRIES or monotonic() > give_up:
            await self._look_at_all()

    async def _look_at(self, path: str, give_up: float, inodes: set[int]) -> None:
        """Looks at one path again. `inodes` gets those of files with several names that have changed."""
        if path[: path.rfind("/") + 1] not in self._folders:
            return  # it went with its folder
        try:
            status = os.lstat(f"{self._base}/{path}")
        except OSError:
            status = None
        if path + "/" in self._folders:
            self._forget_folder(path + "/")
        old = self._found.entries.pop(path, None)
        self._others.discard(path)
        self._linked.discard(path)
        if status and _is_looked_into(path, status):
            await self._look_into(path + "/", give_up, inodes)
        elif status:
            self._add(path, status)
        new = self._found.entries.get(path)
        if old != new:
            self._touch(path)
            if new and path in self._linked:
                inodes.add(new.inode)

    def _add(self, path: str, status: os.stat_result) -> None:
        if stat.S_ISREG(status.st_mode) and is_text(path):
            self._found.entries[path] = Entry.of(status)
            if status.st_nlink > 1:
                self._linked.add(path)
        else:
            self._others.add(path)

    def _touch(self, path: str) -> None:
        for moment in self._moments:
            moment.touch(path)

    def _forget_folder(self, folder: str) -> None:
        for known in [known for known in self._folders if known.startswith(folder)]:
            watch = self._folders.pop(known)
            # A folder that was moved has the same watch at its new place, when that was looked into before.
            if self._paths.get(watch) == known:
                del self._paths[watch]
                if self._watches:
                    self._watches.unwatch(self, watch)
        for path in [path for path in self._found.entries if path.startswith(folder)]:
            del self._found.entries[path]
            self._linked.discard(path)
            self._touch(path)
        self._others = {path for path in self._others if not path.startswith(folder)}

    async def _look_at_all(self) -> None:
        if self._watches:
            for watch in self._paths:
                self._watches.unwatch(self, watch)
        told = self._told
        self._forget_all()
        self._told, self.is_stale = told, False
        for moment in self._moments:
            moment.touched = None
        self._root = _identity(self._base)
        await self._look_into("", monotonic() + limits.SCAN_S, set())
        if self._found.cut or "" not in self._folders:
            self.is_stale = True  # entries that were left out change unseen

    async def _look_into(self, top: str, give_up: float, inodes: set[int]) -> None:
        """Every regular file below a folder, within the bounds."""
        seen, queue = self.size, [top]
        while queue:
            folder = queue.pop()
            fd = opened(self._base, folder)
            if fd is None:
                continue
            try:
                self._watch(folder, fd)  # before it is listed: changes meanwhile are told
                found = statuses(fd)
            finally:
                os.close(fd)
            for name, status in found:
                seen += 1
                if seen % ENTRIES_AT_ONCE == 0:
                    await asyncio.sleep(0)
                if seen > limits.SCAN_ENTRIES or monotonic() > give_up:
                    self._found.cut = self.is_stale = True
                    return
                path = folder + name
                if not folder and program_file.NAME.fullmatch(name):
                    continue  # a live run's
                if not _is_looked_into(name, status):
                    self._add(path, status)
                    self._touch(path)
                    if status.st_nlink > 1 and path in self._linked:
                        inodes.add(status.st_ino)
                elif folder.count("/") < limits.SCAN_DEPTH:
                    queue.append(path + "/")
                else:
                    self._found.cut = self.is_stale = True

    def _watch(self, folder: str, fd: int) -> None:
        if self._watches is None:
            return
        try:
            if len(self._folders) >= limits.WATCHED_FOLDERS:
                raise OSError
            watch = self._watches.watch(self, fd)
        except OSError:
            self.is_stale = True  # the kernel gives no more of them
            return
        self._folders[folder] = watch
        self._paths[watch] = folder


def _is_looked_into(path: str, status: os.stat_result) -> bool:
    return stat.S_ISDIR(status.st_mode) and path[path.rfind("/") + 1 :] not in SKIPPED_FOLDERS


def _identity(base: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(base)
    except OSError:
        return None
    return status.st_dev, status.st_ino
