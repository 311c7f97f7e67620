enum Names { Users = 'people' }
function sealed(target: Function) { Object.seal(target); }
@sealed
class Holder { static readonly name2 = Names.Users; declare x: number; accessor y = 1; }
export const name = Holder.name2 satisfies string;
