// The address of the page as a store: what is shown goes into the address, back and forward bring it back.
import { useSyncExternalStore } from 'react';
import { type Address, addressText, type Changes, changed, parseAddress } from './address.js';

/** What of `window` it needs. */
export interface Place {
  readonly location: { readonly hash: string };
  readonly history: Pick<History, 'pushState' | 'replaceState'>;
  addEventListener(type: 'popstate', listener: () => void): void;
}

export class AddressStore {
  #address: Address;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly place: Place) {
    this.#address = parseAddress(place.location.hash);
    // Changing # by hand is a step of the history, too.
    place.addEventListener('popstate', () => this.#set(parseAddress(place.location.hash)));
  }

  readonly get = (): Address => this.#address;

  /** A step that “back” undoes. */
  readonly go = (changes: Changes): void => this.#write(changes, 'pushState');

  /** A change on the way to one, as while something is dragged. */
  readonly move = (changes: Changes): void => this.#write(changes, 'replaceState');

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #write(changes: Changes, how: 'pushState' | 'replaceState'): void {
    const next = changed(this.#address, changes);
    const text = addressText(next);
    if (text === addressText(this.#address)) return;
    this.#set(next);
    this.place.history[how](null, '', `#${text}`);
  }

  #set(address: Address): void {
    this.#address = address;
    for (const listener of this.#listeners) listener();
  }
}

export function useAddress(store: AddressStore): Address {
  return useSyncExternalStore(store.subscribe, store.get);
}
